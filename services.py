"""The catalogue: what Marginalia runs.

Adding a service is adding an entry here: its repository, roles, security group rules, environment variables and
Service Connect name follow from it. How big it is and which secrets it gets is said by the stack file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from pulumi import RunError

Protocol = Literal["grpc", "http"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One service: what it listens on, what it needs, whom it calls.

    Declaring is allowing: a callee named in `calls` gives the caller an address in its environment and opens exactly
    that port between the two; `database` and `bucket` give the connection and the right to use it.
    """

    name: str
    port: int
    protocol: Protocol = "grpc"
    database: bool = False
    bucket: bool = False
    calls: tuple[str, ...] = ()
    public: bool = False
    """Reachable through the load balancer. Only the public service is; it has no name inside the cluster."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: tuple[str, ...] = ()
    """Names of secrets of its own; each stack file that runs the service gives their ARNs."""
    health_path: str = "/healthz"
    """Where an http service answers 200 when it is healthy."""

    @property
    def port_variable(self) -> str:
        return f"{self.protocol.upper()}_PORT"

    @property
    def address_variable(self) -> str:
        """The variable in which a caller finds this service: AUTH_SERVICE for authsvc."""
        return f"{(self.name.removesuffix('svc') or self.name).replace('-', '_').upper()}_SERVICE"

    @property
    def address(self) -> str:
        return f"{self.name}:{self.port}"


class CatalogueError(RunError):
    """The catalogue contradicts itself. The message names every mistake, one a line."""


class Catalogue:
    """The entries by name, callees before their callers. Raises CatalogueError for an impossible one."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        given = tuple(entries)
        if mistakes := list(_mistakes(given)):
            raise CatalogueError("\n".join(f"services.py: {mistake}" for mistake in mistakes))
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
        """The catalogue of just these services. Raises CatalogueError when one of them calls a service left out."""
        return Catalogue(self[name] for name in names)


def _mistakes(entries: tuple[Entry, ...]) -> Iterator[str]:
    names = [entry.name for entry in entries]
    for entry in entries:
        yield from _mistakes_of(entry, names)
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
        yield f"{', '.join(public)} are all public; at most one service is"
    for entry in entries:
        for callee in entries:
            if callee.name in entry.calls and callee.public:
                yield f"{entry.name}.calls: {callee.name} is public and has no name inside the cluster"
    try:
        TopologicalSorter({entry.name: entry.calls for entry in entries}).prepare()
    except CycleError as error:
        # A task that started before its callee's name existed never resolves it, so somebody must start first.
        yield f"the calls form a cycle: {' -> '.join(reversed(error.args[1]))}; remove one of them"


def _mistakes_of(entry: Entry, names: list[str]) -> Iterator[str]:
    if not re.fullmatch(r"(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", entry.name):
        yield f"name {entry.name!r}: 2 to 20 lower-case letters and digits, a letter first, single hyphens between them"
    if entry.name in RESERVED_NAMES:
        yield f"name {entry.name!r} is taken by something that is no service; choose another"
    if not 1024 <= entry.port <= 65535:
        yield f"{entry.name}.port {entry.port}: 1024 to 65535, as the process is not root"
    if entry.public and entry.protocol != "http":
        yield f"{entry.name}.protocol {entry.protocol!r}: a public service speaks http"
    for callee in entry.calls:
        if callee not in names:
            yield f"{entry.name}.calls: there is no service {callee!r}; there are {', '.join(sorted(names))}"
    own = [*entry.environment, *entry.secrets]
    for name in sorted(set(own)):
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            yield f"{entry.name}: variable {name!r}: upper-case letters, digits and underscores, a letter first"
        if own.count(name) > 1 or name.endswith("_SERVICE") or name in RESERVED:
            yield f"{entry.name}: variable {name!r} is set twice or set by the program; choose another name"


RESERVED = frozenset({"GRPC_PORT", "HTTP_PORT", "DATABASE_URL", "S3_BUCKET"})
"""Variables that the program itself sets, from the other fields of an entry."""

RESERVED_NAMES = frozenset({"database", "default", "endpoints", "https", "ingress", "s3"})
"""Names of ways in and out of a service that are no service, and of the default size in a stack file."""

CATALOGUE = Catalogue(
    (
        Entry(name="authsvc", port=9001, database=True),
        Entry(name="promptsvc", port=9002, database=True, bucket=True),
        Entry(name="scrapsvc", port=9003, database=True, bucket=True),
        Entry(name="chatsvc", port=9004, database=True),
        Entry(
            name="mcp",
            port=8080,
            protocol="http",
            public=True,
            calls=("authsvc", "promptsvc", "scrapsvc", "chatsvc"),
        ),
    )
)
