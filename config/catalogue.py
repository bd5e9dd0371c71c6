"""The catalogue: the entries of services.py, and the rules for one entry and for all of them together."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import cast

from config.problems import UserError
from ecs.container import Protocol

FILE = "services.py"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One service: its port, the resources that it uses and the services that it calls.

    A declaration grants access. A name in `calls` gives the caller the callee's address in its environment and opens
    exactly that port between the two; `database` and `bucket` give the connection and the permission to use it.
    """

    name: str
    port: int
    protocol: Protocol = "grpc"
    database: bool = False
    bucket: bool = False
    calls: tuple[str, ...] = ()
    public: bool = False
    """Whether the load balancer forwards to this service. At most one is public; it has no Service Connect name."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
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

    def __init__(self, entries: Iterable[Entry]) -> None:
        given = tuple(entries)
        if problems := list(_problems(given)):
            raise CatalogueError("\n".join(f"{FILE}: {problem}" for problem in problems))
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
    try:
        entries = runpy.run_path(str(root / FILE))["SERVICES"]
    except (OSError, SyntaxError, TypeError, NameError, KeyError) as error:
        raise CatalogueError(f"{FILE} cannot be read: {error}") from None
    return Catalogue(cast(Iterable[Entry], entries))


def _problems(entries: tuple[Entry, ...]) -> Iterator[str]:
    names = [entry.name for entry in entries]
    for entry in entries:
        yield from _problems_of(entry, names)
    unique = {
        "name": Counter(names),
        "port": Counter(entry.port for entry in entries),
        "address variable": Counter({entry.name: entry.address_variable for entry in entries}.values()),
    }
    for kind, values in unique.items():
        for value, count in values.items():
            if count > 1:
                yield f"{kind} {value} is used by {count} services; each needs its own"
    if len(public := [entry.name for entry in entries if entry.public]) > 1:
        yield f"{', '.join(public)} are public; at most one service may be"
    for entry in entries:
        for callee in entries:
            if callee.name in entry.calls and callee.public:
                yield f"{entry.name}.calls: {callee.name} is public and has no Service Connect name"
    try:
        TopologicalSorter({entry.name: entry.calls for entry in entries}).prepare()
    except CycleError as error:
        # A task resolves only the Service Connect names that exist when it starts, so callees must start first.
        yield f"the calls form a cycle: {' -> '.join(reversed(error.args[1]))}; remove one of them"


def _problems_of(entry: Entry, names: list[str]) -> Iterator[str]:
    if not re.fullmatch(r"(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", entry.name):
        yield f"name {entry.name!r}: 2 to 20 lower-case letters and digits, a letter first, single hyphens between them"
    if entry.name in RESERVED_NAMES:
        yield f"name {entry.name!r} is reserved; choose another"
    if not 1024 <= entry.port <= 65535:
        yield f"{entry.name}.port {entry.port}: 1024 to 65535, as the process is not root"
    if entry.public and entry.protocol != "http":
        yield f"{entry.name}.protocol {entry.protocol!r}: a public service must use http"
    for callee in entry.calls:
        if callee not in names:
            yield f"{entry.name}.calls: no such service {callee!r}; there are {', '.join(sorted(names))}"
    own = [*entry.environment, *entry.secrets]
    for name in sorted(set(own)):
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            yield f"{entry.name}: variable {name!r}: upper-case letters, digits and underscores, a letter first"
        if own.count(name) > 1 or name.endswith("_SERVICE") or name in RESERVED:
            yield f"{entry.name}: variable {name!r} is set twice or set by the program; choose another name"
    for name, value in entry.environment.items():
        if value == "":
            # The task definition that ECS returns lacks it and would be replaced in each preview.
            yield f"{entry.name}.environment: {name} is empty, and ECS drops empty variables; leave it out"
    if not re.fullmatch(r"/[^\s]{0,1023}", entry.health_path):
        yield f"{entry.name}.health_path {entry.health_path!r}: a path that begins with /, such as /healthz"


RESERVED = frozenset({"GRPC_PORT", "HTTP_PORT", "DATABASE_URL", "S3_BUCKET"})
"""Environment variables that the program sets from other fields of an entry."""

RESERVED_NAMES = frozenset({"database", "default", "endpoints", "https", "ingress", "s3"})
"""Names of ingress and egress peers that are not services, and of the default size in a stack file."""
