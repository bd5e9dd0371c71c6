"""`make generate`: writes the files and blocks that follow from the catalogue, the settings and the house rules."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

from pulumi import RunError

from config import load, stackfile
from config.catalogue import Catalogue, Entry, Job
from config.job import LOGINS
from config.settings import json_schema
from config.size import SizeChange, size_of
from config.stackfile import KEY
from ecs.database import URL_VARIABLE, login, login_variable
from policy import reference
from review.cli import draw
from review.render import mermaid
from simulator import report, toolchain
from simulator.engine import Simulator
from simulator.home import NAME, Home
from simulator.program import Program
from tools import dashboard_picture, failures_page, refusals_page, services_page, stack_file_page

ROOT = Path(__file__).parent.parent
STACK = "dev"
"""The stack that README.md shows."""
HEALTHY, COMPLETED = "service_healthy", "service_completed_successfully"
"""Conditions of Docker Compose: https://docs.docker.com/reference/compose-file/services/#depends_on"""


def generated(catalogue: Catalogue, root: Path = ROOT) -> dict[str, str]:
    """The text of each file that is generated, in whole or between its two marks, by its path.

    `root` has the stack file of dev, whose sizes README.md shows.
    """
    compose = "\n".join(
        line
        for found in (
            [_logins(catalogue)],
            (_compose(each, catalogue) for each in catalogue),
            map(_job, catalogue.jobs.values()),
        )
        for lines in found
        for line in lines
    )
    return {
        "image/compose.yaml": _between_marks("image/compose.yaml", compose),
        "config/stack.schema.json": _schema(),
        "docs/stack-file.md": stack_file_page.page(),
        "docs/policy.md": reference.markdown(),
        "docs/refusals.md": refusals_page.page(),
        "docs/dashboard.svg": dashboard_picture.picture(catalogue),
        "docs/services.md": services_page.page(),
        "docs/simulator.md": _between_marks("docs/simulator.md", failures_page.table()),
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
    sizes = stackfile.config(root / stackfile.name(STACK))[KEY].get("sizes", {})
    changes = {name: SizeChange.model_validate(size) for name, size in sizes.items()}
    rows: list[report.Row] = []
    for name in catalogue.names:
        size = size_of(changes, name)
        rows.append(
            report.Row(
                service=name,
                digest="…",
                cpu=str(size.cpu),
                memory=str(size.memory),
                tasks=size.min,
                state="steady",
            )
        )
    console = report.console(StringIO(), 100)
    with console.capture() as capture:
        console.print(report.table(STACK, rows, dict.fromkeys(catalogue.names, "created")))
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


def _logins(catalogue: Catalogue) -> Iterator[str]:
    """The lines of the job that creates a login for each service and job with a database, if there is one."""
    users = sorted(name for name, each in catalogue.declared.items() if each.database)
    if not users:
        return
    yield from _image(LOGINS, "*job", load.LOGINS_CONTEXT)
    yield "    environment:"
    yield "      <<: *master"
    yield from (f"      {login_variable(name)}: {json.dumps(_database_url(name))}" for name in users)
    yield from _depends_on({"postgres": HEALTHY})


def _compose(entry: Entry, catalogue: Catalogue) -> Iterator[str]:
    """The lines of a service in compose.yaml."""
    port = {entry.port_variable: str(entry.port)}
    if entry.migrate:
        yield from _migration(entry, port)
    yield from _image(entry, "*service", _source(entry))
    yield f'    ports: ["127.0.0.1:{entry.port}:{entry.port}"]'
    callees = {catalogue[callee].address_variable: catalogue[callee].address for callee in entry.calls}
    yield from _environment(entry, {**port, **callees})
    migration = {f"{entry.name}_migrate": COMPLETED} if entry.migrate else {}
    yield from _depends_on({**_stores(entry), **dict.fromkeys(entry.calls, HEALTHY), **migration})


def _migration(entry: Entry, port: Mapping[str, str]) -> Iterator[str]:
    """The lines of a service's migration, with an underscore in its name, which no service has."""
    yield f"  {entry.name}_migrate:"
    yield "    <<: *job"
    yield f"    image: mrgnl-{entry.name}:local"
    yield '    command: ["-migrate"]'
    yield from _environment(entry, port)
    yield from _depends_on({"logins": COMPLETED})


def _job(job: Job) -> Iterator[str]:
    """The lines of a job in compose.yaml, which starts it only by `docker compose run`.

    https://docs.docker.com/compose/how-tos/profiles/
    """
    yield from _image(job, "*job", _source(job))
    yield "    profiles: [jobs]"
    if job.command:
        yield f"    command: {json.dumps(job.command)}"
    yield from _environment(job, {})
    yield from _depends_on(_stores(job))


def _image(each: Entry | Job, base: str, context: str) -> Iterator[str]:
    yield f"  {each.name}:"
    yield f"    <<: {base}"
    yield f"    image: mrgnl-{each.pin}:local"
    yield "    build:"
    yield "      <<: *build"
    yield f"      context: {json.dumps(context)}"


def _source(each: Entry | Job) -> str:
    """The build context, which may be another folder than the sample."""
    return f"${{{each.pin.replace('-', '_').upper()}_SOURCE:-image/sample}}"


def _database_url(name: str) -> str:
    """The connection of a service or job by its own login, of which the local one never rotates the password."""
    return f"postgres://{login(name, 'a')}:local@postgres:5432/marginalia?sslmode=disable"


def _environment(each: Entry | Job, variables: Mapping[str, str]) -> Iterator[str]:
    environment = {
        **{name: value.replace("$", "$$") for name, value in each.environment.items()},
        **{name: f"${{{name}:-local}}" for name in each.secrets},
        **({URL_VARIABLE: _database_url(each.name)} if each.database else {}),
        **variables,
    }
    if each.bucket or environment:
        yield "    environment:"
    if each.bucket:
        yield "      <<: *bucket"
    yield from (f"      {name}: {json.dumps(value)}" for name, value in environment.items())


def _stores(each: Entry | Job) -> dict[str, str]:
    """What it uses, and the condition that must hold first."""
    return {**({"logins": COMPLETED} if each.database else {}), **({"s3": HEALTHY} if each.bucket else {})}


def _depends_on(needed: Mapping[str, str]) -> Iterator[str]:
    if needed:
        yield "    depends_on:"
    yield from (f"      {name}: {{condition: {condition}}}" for name, condition in needed.items())


def write(texts: Mapping[Path, str]) -> list[Path]:
    """Writes the files whose text differs and returns them. If one cannot be written, none is changed."""
    changed = [file for file, text in texts.items() if not file.exists() or file.read_text() != text]
    temporary = {file: file.with_name(f".{file.name}.{os.getpid()}") for file in changed}
    try:
        for file, new in temporary.items():
            new.write_text(texts[file])
            if file.exists():
                shutil.copymode(file, new)
        for file, new in temporary.items():
            new.replace(file)
    finally:
        for new in temporary.values():
            new.unlink(missing_ok=True)
    return changed


def main() -> int:
    """The exit code: 1 if the catalogue or a stack file is invalid; then nothing is written."""
    parser = argparse.ArgumentParser(prog="make generate", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if a file differs, but for the diagram"
    )
    check: bool = parser.parse_args().check
    try:
        texts = generated(load.stack_file(ROOT, STACK).catalogue)
        if check:
            return _check(texts)
        cli = toolchain.pulumi(ROOT, ROOT / ".cache", report=print)
        simulated = Simulator(program=Program(ROOT), home=Home(ROOT / NAME), cli=cli)
        texts["README.md"] = mermaid.put_into(texts["README.md"], draw(simulated, STACK))
        for file in write({ROOT / path: text for path, text in texts.items()}):
            print(f"{file.relative_to(ROOT)} is written again")
    except RunError as error:
        print(f"{error}\nNothing is written.", file=sys.stderr)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Nothing is written.", file=sys.stderr)
    else:
        return 0
    return 1


def _check(texts: Mapping[str, str]) -> int:
    """Without the diagram, which needs a deployment."""
    stale = [path for path, text in texts.items() if not (ROOT / path).exists() or (ROOT / path).read_text() != text]
    for path in stale:
        print(f"{path}: is not as `make generate` writes it. Run `make generate`.", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
