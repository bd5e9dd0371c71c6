"""The catalogue: the entries and jobs of services.py, and the rules for one entry and for all of them together."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar, cast

from config import job, services_file
from config.declarations import ENTRY, JOB, Declaration
from config.entry_fields import kind, shown
from config.field_problems import Subject
from config.job import Job
from config.problems import UserError, did_you_mean, nearest
from config.services_file import FILE, Found, Source, at
from ecs.container import Protocol

__all__ = ["Catalogue", "CatalogueError", "Entry", "Job", "load"]


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
    def pin(self) -> str:
        """The name by which `images` of a stack file pins its image."""
        return self.name

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
    """The entries by name, callees before their callers, and the jobs. Raises CatalogueError."""

    jobs: Mapping[str, Job]
    """By name, in the order of their names."""

    def __init__(
        self,
        entries: Iterable[Entry],
        jobs: Iterable[Job] = (),
        *,
        sources: tuple[Source, Source] = (Source(), Source()),
    ) -> None:
        services, others = _subjects(entries, ENTRY, sources[0]), _subjects(jobs, JOB, sources[1])
        names = [each.value.name for each in services if "name" not in each.invalid]
        own = [problem for each in sources for problem in each.problems]
        if problems := [*own, *_problems(services, names), *job.problems(others, names)]:
            by_line = sorted(problems, key=lambda each: each.line)
            raise CatalogueError("\n".join(dict.fromkeys(map(str, by_line))))
        by_name: dict[str, Entry] = {each.value.name: each.value for each in services}
        order = TopologicalSorter({entry.name: entry.calls for entry in by_name.values()}).static_order()
        self._entries = {name: by_name[name] for name in order}
        self.jobs = {each.value.name: each.value for each in sorted(others, key=lambda each: each.value.name)}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._entries))

    @property
    def declared(self) -> Mapping[str, Entry | Job]:
        """The services, then the jobs, by name."""
        return {**self._entries, **self.jobs}

    @property
    def built(self) -> list[Entry | Job]:
        """The services and jobs with an image of their own."""
        return [each for name, each in self.declared.items() if each.pin == name]

    def only(self, names: Iterable[str]) -> Catalogue:
        """A catalogue of these services alone, without jobs. Raises CatalogueError if one of them calls another."""
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
    sources = services_file.read(tree, ENTRY), services_file.read(tree, JOB)
    values = _run(tree, file)
    if "SERVICES" not in values:
        names = [name for name in values if not name.startswith("__")]
        hint = did_you_mean("SERVICES", names).replace("mean", "mean SERVICES in place of")
        raise CatalogueError(f"{FILE}: SERVICES: missing.{hint} It must be a tuple of entries, such as (Entry(...),).")
    if "JOBS" not in values and (meant := [name for name in values if nearest(name, ["JOBS"]) and name.isupper()]):
        raise CatalogueError(f"{FILE}: {meant[0]}: no such tuple. Did you mean JOBS? It lists the jobs: (Job(...),).")
    entries = _listed(values["SERVICES"], Entry, ENTRY, sources[0])
    return Catalogue(entries, _listed(values.get("JOBS", ()), Job, JOB, sources[1]), sources=sources)


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


Listed = TypeVar("Listed", Entry, Job)


def _listed(value: object, kind_of: type[Listed], declaration: Declaration, source: Source) -> tuple[Listed, ...]:
    """The value of SERVICES or JOBS. Raises CatalogueError unless it is a tuple or a list of such objects."""
    where, listed = at(source.listed), declaration.listed
    if isinstance(value, kind_of):
        text = f"is one {declaration.kind}: must be a tuple of {declaration.many}. Put a comma after it:"
        raise CatalogueError(f"{where}: {listed} {text} ({declaration.kind}(...),).")
    if not isinstance(value, tuple | list):
        raise CatalogueError(f"{where}: {listed} is {kind(value)}: {declaration.valid}")
    given = cast("tuple[object, ...] | list[object]", value)
    if others := [index for index, each in enumerate(given) if not isinstance(each, kind_of)]:
        raise CatalogueError(
            "\n".join(
                f"{at(source.line(index))}: {listed}[{index}] is {kind(given[index])}: must be {declaration.article}"
                f" {declaration.kind}, such as {declaration.kind}({declaration.example})."
                for index in others
            )
        )
    return cast("tuple[Listed, ...]", tuple(given))


def _subjects(given: Iterable[Entry | Job], declaration: Declaration, source: Source) -> list[Subject]:
    return [
        Subject(index=index, value=each, declaration=declaration, source=source) for index, each in enumerate(given)
    ]


def _problems(subjects: Sequence[Subject], names: list[str]) -> Iterator[Found]:
    """The problems of the values."""
    for subject in subjects:
        yield from subject.fields()
        yield from _problems_of(subject, names)
        yield from subject.variables()
    compared = {"name", "calls", "port", "public"}
    yield from _problems_between([each for each in subjects if not compared & each.invalid])


def _problems_of(subject: Subject, names: list[str]) -> Iterator[Found]:
    """The problems of an entry that no field has by itself."""
    entry: Entry = subject.value
    if "protocol" not in subject.invalid and entry.public is True and entry.protocol == "grpc":
        yield subject.found("protocol", f'is {shown(entry.protocol)}: must be "http" for a public service.')
    if entry.migrate is True and entry.database is False:
        yield subject.found("migrate", "is True: must be False without database=True, as there is none to migrate.")
    for callee in () if "calls" in subject.invalid else dict.fromkeys(entry.calls):
        if entry.calls.count(callee) > 1:
            yield subject.found("calls", f"has {shown(callee)} twice. Remove one of the two.")
        if callee not in names:
            text = f"no such service.{did_you_mean(callee, names)} The services are {', '.join(sorted(set(names)))}."
            yield subject.found("calls", f"has {shown(callee)}: {text}")


def _problems_between(subjects: Sequence[Subject]) -> Iterator[Found]:
    named: list[Entry] = [each.value for each in subjects]
    unique = {
        "name": [entry.name for entry in named],
        "port": [entry.port for entry in named],
        "address variable": [entry.address_variable for entry in named],
    }
    for what, values in unique.items():
        for value, count in Counter(values).items():
            users = [subject for subject, each in zip(subjects, values, strict=True) if each == value]
            if count > 1 and (what == "name" or len({each.value.name for each in users}) == count):
                line = users[-1].line("port" if what == "port" else "name")
                of = f"{count} entries" if what == "name" else " and ".join(each.value.name for each in users)
                yield Found(line, f"{of} have the {what} {value}. Each service needs its own.")
    public = [each for each in subjects if each.value.public]
    if len(public) > 1:
        listed = ", ".join(each.value.name for each in public)
        yield Found(public[-1].line("public"), f"{listed} are public. At most one may be.")
    for subject in subjects:
        for callee in named:
            if callee.name in subject.value.calls and callee.public:
                text = f"{callee.name} is public and has no Service Connect name. Remove it from the calls."
                yield Found(subject.line("calls"), f"{subject.value.name}.calls: {text}")
    try:
        TopologicalSorter({entry.name: entry.calls for entry in named}).prepare()
    except CycleError as error:
        # A task resolves only the Service Connect names that exist when it starts, so callees must start first.
        cycle: list[str] = list(reversed(error.args[1]))
        lines = {each.value.name: each.line("calls") for each in subjects}
        line = max(lines.get(name, 0) for name in cycle)
        yield Found(line, f"the calls form a cycle: {' -> '.join(cycle)}. Remove one of them.")
