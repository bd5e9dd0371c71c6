"""`make generate`: writes the files and blocks that follow from the catalogue, the settings and the house rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from rich.console import Console

from config import stackfile
from config.catalogue import Catalogue, Entry, load
from config.settings import SizeChange, json_schema, size_of
from config.stackfile import KEY
from policy import reference
from simulator import report
from tools import stack_file_page

ROOT = Path(__file__).parent.parent


def generated(catalogue: Catalogue, root: Path = ROOT) -> dict[str, str]:
    """The text of each file that is generated, in whole or between its two marks, by its path.

    `root` has the stack file of dev, whose sizes README.md shows.
    """
    compose = "\n".join(line for entry in catalogue for line in _compose(entry, catalogue))
    return {
        "image/compose.yaml": _between_marks("image/compose.yaml", compose),
        "config/stack.schema.json": _schema(),
        "docs/stack-file.md": stack_file_page.page(),
        "docs/policy.md": reference.markdown(),
        "README.md": _between_marks("README.md", "\n" + "\n".join(outcome(catalogue, root)) + "\n"),
    }


def _between_marks(path: str, content: str) -> str:
    """The file with this content between the comment `make generate ...` and the comment `end`."""
    return re.sub(
        r"(?<=\n)( *(?:#|<!--) make generate[^\n]*\n).*?( *(?:#|<!--) end)",
        lambda marks: f"{marks[1]}{content}\n{marks[2]}",
        (ROOT / path).read_text(),
        flags=re.DOTALL,
    )


def outcome(catalogue: Catalogue, root: Path) -> list[str]:
    """The lines that `make up` ends with, without the digests, as an indented block."""
    sizes = stackfile.config(root / stackfile.name("dev"))[KEY].get("sizes", {})
    changes = {name: SizeChange.model_validate(size) for name, size in sizes.items()}
    rows: list[report.Row] = []
    for name in catalogue.names:
        size = size_of(changes, name)
        rows.append(
            report.Row(
                service=name,
                digest="sha256:…",
                cpu=str(size.cpu),
                memory=str(size.memory),
                tasks=size.min,
                state="steady",
            )
        )
    console = Console(file=StringIO(), width=100)
    with console.capture() as capture:
        console.print(report.table("dev", rows))
    return [f"    {line}".rstrip() for line in capture.get().splitlines()]


def _schema() -> str:
    """The JSON Schema of a stack file, for editors that complete and check it."""
    ours = {**json_schema()}
    definitions = ours.pop("$defs")
    config = {
        "type": "object",
        "properties": {"aws:region": {"type": "string"}, KEY: {"$ref": "#/$defs/Settings"}},
        "required": ["aws:region", KEY],
        "additionalProperties": False,
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"config": config},
        "required": ["config"],
        "$defs": {**definitions, "Settings": ours},
    }
    return json.dumps(schema, indent=2) + "\n"


def _compose(entry: Entry, catalogue: Catalogue) -> Iterator[str]:
    """The lines of a service in compose.yaml."""
    source = f"{entry.name.replace('-', '_').upper()}_SOURCE"
    given = [name for name, needed in (("database", entry.database), ("bucket", entry.bucket)) if needed]
    environment = {
        **{name: value.replace("$", "$$") for name, value in entry.environment.items()},
        **{name: f"${{{name}:-local}}" for name in entry.secrets},
        entry.port_variable: str(entry.port),
        **{catalogue[callee].address_variable: catalogue[callee].address for callee in entry.calls},
    }
    needed = [*(["postgres"] if entry.database else []), *(["s3"] if entry.bucket else []), *entry.calls]
    yield f"  {entry.name}:"
    yield "    <<: *service"
    yield f"    image: mrgnl-{entry.name}:local"
    yield "    build:"
    yield "      <<: *build"
    yield f'      context: "${{{source}:-image/sample}}"'
    yield f'    ports: ["127.0.0.1:{entry.port}:{entry.port}"]'
    yield "    environment:"
    if given:
        yield f"      <<: [{', '.join(f'*{name}' for name in given)}]"
    yield from (f"      {name}: {json.dumps(value)}" for name, value in environment.items())
    if needed:
        yield "    depends_on:"
    yield from (f"      {name}: {{condition: service_healthy}}" for name in needed)


def main() -> None:
    for path, text in generated(load(ROOT)).items():
        file = ROOT / path
        if not file.exists() or file.read_text() != text:
            file.write_text(text)
            print(f"{path} is written again")


if __name__ == "__main__":
    main()
