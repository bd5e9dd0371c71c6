"""`make generate`: writes anew what follows from the catalogue and the settings in files that people read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from mistakes import KEY
from services import CATALOGUE, Catalogue, Entry
from settings import json_schema

ROOT = Path(__file__).parent.parent


def generated(catalogue: Catalogue = CATALOGUE) -> dict[str, str]:
    """The text of each file that is generated, in whole or between its two marks, by its path."""
    compose = (ROOT / "compose.yaml").read_text()
    services = "\n".join(line for entry in catalogue for line in _compose(entry, catalogue))
    return {"compose.yaml": _between_marks(compose, services), "stack.schema.json": _schema()}


def _between_marks(text: str, content: str) -> str:
    """The text with this content from the line that says `make generate` to the one that says `end`."""
    return re.sub(
        r"(?<=\n)( *# make generate[^\n]*\n).*?(\n *# end)",
        lambda marks: f"{marks[1]}{content}{marks[2]}",
        text,
        flags=re.DOTALL,
    )


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
    for path, text in generated().items():
        if (file := ROOT / path).read_text() != text:
            file.write_text(text)
            print(f"{path} is written anew")


if __name__ == "__main__":
    main()
