"""The catalogue: the entries of services.py, and the rules for one entry and for all of them together."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, cast

from config import services_file
from config.entry_fields import FIELDS, REQUIRED, kind, shown
from config.problems import UserError, did_you_mean
from config.services_file import FILE, Found, Source, at
from ecs.container import Protocol


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One service: its port, the resources that it uses and the services that it calls.

    A declaration grants access. A name in `calls` gives the caller the callee's address in its environment and opens
    exactly that port between the two; `database` and `bucket` give the connection and the permission to use it.
    """

    name: str
    """Of the ECS service and, after the stack's prefix, of its repository and log group. A rename replaces them all."""
    port: int
    """The container's port, in the environment variable GRPC_PORT or HTTP_PORT."""
    protocol: Protocol = "grpc"
    """Of the port. ECS does not change it for a running service."""
    database: bool = False
    """Whether it gets DATABASE_URL and may connect to PostgreSQL."""
    migrate: bool = False
    """Whether `/service -migrate` of each new image must succeed before ECS deploys it: docs/howto/migrations.md."""
    bucket: bool = False
    """Whether it gets S3_BUCKET and may read, write and delete the objects of the bucket."""
    calls: tuple[str, ...] = ()
    """The services that it calls: each adds its address, as in AUTH_SERVICE for authsvc, and opens its port."""
    public: bool = False
    """Whether the load balancer forwards to this service. At most one is public; it has no Service Connect name."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further environment variables, the same in every stack. No secrets: they show in every diff."""
    secrets: tuple[str, ...] = ()
    """Environment variables with secrets of this service. Each stack file that runs the service sets their ARNs."""
    health_path: str = "/healthz"
    """The path at which a healthy http service responds with 200."""

    @property
    def port_variable(self) -> str:
        return f"{self.protocol.upper()}_PORT"

    @property
    def address_variable(self) -> str:
        """The environment variable of a caller with the address of this service, such as AUTH_SERVICE for authsvc."""
        return f"{(self.name.removesuffix('svc') or self.name).replace('-', '_').upper()}_SERVICE"

    @property
    def address(self) -> str:
        return f"{self.name}:{self.port}"


class CatalogueError(UserError):
    """The catalogue is invalid. The message names every problem, one a line."""


class Catalogue:
    """The entries by name, callees before their callers. Raises CatalogueError."""

    def __init__(self, entries: Iterable[Entry], source: Source | None = None) -> None:
        given = tuple(entries)
        where = source or Source()
        if problems := [*where.problems, *_problems(given, where)]:
            by_line = sorted(problems, key=lambda each: each.line)
            raise CatalogueError("\n".join(dict.fromkeys(map(str, by_line))))
        by_name = {entry.name: entry for entry in given}
        order = TopologicalSorter({entry.name: entry.calls for entry in given}).static_order()
        self._entries = {name: by_name[name] for name in order}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._entries))

    def only(self, names: Iterable[str]) -> Catalogue:
        """A catalogue of these services alone. Raises CatalogueError if one of them calls another service."""
        return Catalogue(self[name] for name in names)


def load(root: Path) -> Catalogue:
    """The catalogue of the services.py in this folder. Raises CatalogueError."""
    file = root / FILE
    try:
        text = file.read_bytes().decode("utf-8-sig")
        tree = ast.parse(text, str(file))
    except FileNotFoundError:
        raise CatalogueError(f"{FILE}: does not exist. It lists the services: SERVICES = (Entry(...), ...).") from None
    except OSError as error:
        raise CatalogueError(f"{FILE}: cannot be read ({error.strerror}).") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CatalogueError(services_file.not_python(error)) from None
    source = services_file.read(tree, {name: each.valid for name, each in FIELDS.items()}, REQUIRED)
    values = _run(tree, file)
    if "SERVICES" not in values:
        names = [name for name in values if not name.startswith("__")]
        hint = did_you_mean("SERVICES", names).replace("mean", "mean SERVICES in place of")
        raise CatalogueError(f"{FILE}: SERVICES: missing.{hint} It must be a tuple of entries, such as (Entry(...),).")
    return Catalogue(_entries(values["SERVICES"], source), source)


def _run(tree: ast.Module, file: Path) -> dict[str, Any]:
    """The names that the code defines. Raises CatalogueError for any exception."""
    values: dict[str, Any] = {"__name__": "services", "__file__": str(file)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # the failure that it foresees is reported
            code = compile(tree, str(file), "exec")
        exec(code, values)  # noqa: S102, the catalogue is code: docs/adr/0003
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, too
        raise CatalogueError(services_file.failure(error, str(file))) from None
    return values


def _entries(services: object, source: Source) -> tuple[Entry, ...]:
    """The value of SERVICES. Raises CatalogueError unless it is a tuple or a list of entries."""
    where = at(source.services)
    if isinstance(services, Entry):
        text = "is one Entry: must be a tuple of entries. Put a comma after it: (Entry(...),)"
        raise CatalogueError(f"{where}: SERVICES {text}.")
    if not isinstance(services, tuple | list):
        raise CatalogueError(
            f"{where}: SERVICES is {kind(services)}: must be a tuple of entries, such as (Entry(...),)."
        )
    given = cast("tuple[object, ...] | list[object]", services)
    if others := [index for index, each in enumerate(given) if not isinstance(each, Entry)]:
        raise CatalogueError(
            "\n".join(
                f"{at(source.line(index, None))}: SERVICES[{index}] is {kind(given[index])}: must be an Entry, such as"
                ' Entry(name="authsvc", port=9001).'
                for index in others
            )
        )
    return cast(tuple[Entry, ...], tuple(given))


def _problems(entries: tuple[Entry, ...], source: Source) -> Iterator[Found]:
    """The problems of the values. Other problems of a field are not reported if its type is wrong."""
    wrong = {(index, name) for index, entry in enumerate(entries) for name in FIELDS if not _has_type(entry, name)}
    wrong |= {(index, name) for index, entry in enumerate(entries) for name in FIELDS if getattr(entry, name) is ...}
    valid = [(index, entry) for index, entry in enumerate(entries) if (index, "name") not in wrong]
    names = [entry.name for _, entry in valid]
    for index, entry in enumerate(entries):
        for name in FIELDS:
            if getattr(entry, name) is ...:
                continue  # missing, which the source's own problems say
            if (index, name) in wrong:
                yield _wrong_type(index, entry, name, source)
            else:
                yield from _problems_of(index, entry, name, names, source)
        if not {(index, "environment"), (index, "secrets")} & wrong:
            yield from _problems_of_variables(index, entry, source)
    yield from _problems_between(
        [
            (index, entry)
            for index, entry in valid
            if not {(index, "calls"), (index, "port"), (index, "public")} & wrong
        ],
        source,
    )


def _problems_of(index: int, entry: Entry, name: str, names: list[str], source: Source) -> Iterator[Found]:
    """The problems of one field that has its type."""
    value, rule = getattr(entry, name), FIELDS[name]
    line = source.line(index, name)
    label = _label(index, entry)
    if not rule.is_valid(value):
        yield Found(line, f"{label}.{name} is {shown(value)}: must be {rule.valid}.")
    elif name == "name" and value in RESERVED_NAMES:
        yield Found(line, f"{label}.name is {shown(value)}: must be another name, as this one is reserved.")
    elif name == "protocol" and entry.public is True and value != "http":
        yield Found(line, f'{label}.protocol is {shown(value)}: must be "http" for a public service.')
    elif name == "migrate" and value and entry.database is False:
        yield Found(line, f"{label}.migrate is True: must be False without database=True, as there is none to migrate.")
    elif name == "calls":
        for callee in dict.fromkeys(value):
            if value.count(callee) > 1:
                yield Found(line, f"{label}.calls has {shown(callee)} twice. Remove one of the two.")
            if callee not in names:
                text = (
                    f"no such service.{did_you_mean(callee, names)} The services are {', '.join(sorted(set(names)))}."
                )
                yield Found(line, f"{label}.calls has {shown(callee)}: {text}")


def _problems_of_variables(index: int, entry: Entry, source: Source) -> Iterator[Found]:
    own = [*entry.environment, *entry.secrets]
    for name in sorted(set(own)):
        line = source.line(index, "secrets" if name in entry.secrets else "environment")
        where = f"{_label(index, entry)}: variable {shown(name.partition('=')[0])}"
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            yield Found(line, f"{where}: must be upper-case letters, digits and underscores, a letter first.")
        elif own.count(name) > 1:
            yield Found(line, f"{where}: must be set once.")
        elif name.endswith("_SERVICE") or name in RESERVED:
            yield Found(line, f"{where}: must have another name, as the program sets this one.")

    for name, value in entry.environment.items():
        if value == "":
            # The task definition that ECS returns lacks it and would be replaced in each preview.
            text = "must not be empty, as ECS drops empty variables. Leave it out."
            line = source.line(index, "environment")
            yield Found(line, f"{_label(index, entry)}: variable {shown(name)}: {text}")


def _problems_between(entries: list[tuple[int, Entry]], source: Source) -> Iterator[Found]:
    named = [entry for _, entry in entries]
    unique = {
        "name": [entry.name for entry in named],
        "port": [entry.port for entry in named],
        "address variable": [entry.address_variable for entry in named],
    }
    for what, values in unique.items():
        for value, count in Counter(values).items():
            users = [(index, entry) for (index, entry), each in zip(entries, values, strict=True) if each == value]
            if count > 1 and (what == "name" or len({entry.name for _, entry in users}) == count):
                line = source.line(users[-1][0], "port" if what == "port" else "name")
                of = f"{count} entries" if what == "name" else " and ".join(entry.name for _, entry in users)
                yield Found(line, f"{of} have the {what} {value}. Each service needs its own.")
    public = [(index, entry) for index, entry in entries if entry.public]
    if len(public) > 1:
        line = source.line(public[-1][0], "public")
        yield Found(line, f"{', '.join(each.name for _, each in public)} are public. At most one may be.")
    for index, entry in entries:
        for callee in named:
            if callee.name in entry.calls and callee.public:
                line = source.line(index, "calls")
                text = f"{callee.name} is public and has no Service Connect name. Remove it from the calls."
                yield Found(line, f"{entry.name}.calls: {text}")
    try:
        TopologicalSorter({entry.name: entry.calls for entry in named}).prepare()
    except CycleError as error:
        # A task resolves only the Service Connect names that exist when it starts, so callees must start first.
        cycle: list[str] = list(reversed(error.args[1]))
        lines = {entry.name: source.line(index, "calls") for index, entry in entries}
        line = max(lines.get(name, 0) for name in cycle)
        yield Found(line, f"the calls form a cycle: {' -> '.join(cycle)}. Remove one of them.")


def _wrong_type(index: int, entry: Entry, name: str, source: Source) -> Found:
    """A value of another type. Not shown for variables: it may be a secret."""
    value: object = getattr(entry, name)
    line = source.line(index, name)
    if name == "environment" and isinstance(value, dict):
        for variable, each in cast(dict[object, object], value).items():
            if not (isinstance(variable, str) and isinstance(each, str)):
                text = f"environment[{shown(variable)}] is {kind(each)}"
                return Found(line, f'{_label(index, entry)}.{text}: must be a text, such as "5".')
    value = getattr(entry, name)
    text = kind(value) if name in ("environment", "secrets") else shown(value)
    hint = did_you_mean(value, ["grpc", "http"]) if name == "protocol" and isinstance(value, str) else ""
    return Found(line, f"{_label(index, entry)}.{name} is {text}: must be {FIELDS[name].valid}.{hint}")


def _has_type(entry: Entry, name: str) -> bool:
    return FIELDS[name].has_type(getattr(entry, name))


def _label(index: int, entry: Entry) -> str:
    """The entry's name, or its position if it has none."""
    return entry.name if FIELDS["name"].has_type(entry.name) and entry.name.isprintable() else f"SERVICES[{index}]"


RESERVED = frozenset({"GRPC_PORT", "HTTP_PORT", "DATABASE_URL", "S3_BUCKET"})
"""Environment variables that the program sets from other fields of an entry."""

RESERVED_NAMES = frozenset({"database", "default", "endpoints", "https", "ingress", "postgres", "s3"})
"""Names of ingress and egress peers that are not services, of the default size in a stack file, and of the other
services in image/compose.yaml."""
