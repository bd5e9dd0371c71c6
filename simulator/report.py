"""A table of the ECS services in the simulated cloud."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.table import Table

from ecs import types
from ecs.image import Reference
from simulator import logins
from simulator.aws.ecs_rollout import ROLLOUT, RUNNING, Rollout
from simulator.home import Home
from simulator.store import Properties, Store

CANNOT_LOG_IN = "cannot log in"
"""The state of a service whose tasks have a password that the database refuses."""

STATES = {
    Rollout.COMPLETED: "steady",
    Rollout.ROLLED_BACK: "rolled back",
    Rollout.FAILED: "does not start",
    Rollout.IN_PROGRESS: "in progress",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    service: str
    digest: str
    cpu: str
    memory: str
    tasks: int
    state: str


def services(home: Home, stack: str) -> Iterator[Row]:
    """One row for each service of the stack, sorted by name."""
    with home.store() as store:
        tasks = {each.properties["arn"]: each.properties for each in store.find(types.TASK_DEFINITION)}
        in_stack = [each for each in store.find(types.SERVICE) if each.stack == stack]
        for service in sorted(in_stack, key=lambda each: each.properties["name"]):
            requested = tasks[service.properties["taskDefinition"]]
            running = tasks.get(service.properties[RUNNING])
            task = running or requested
            name = service.properties["name"]
            [image] = [each["image"] for each in json.loads(task["containerDefinitions"]) if each["name"] == name]
            yield Row(
                service=name,
                digest=Reference.parse(image).digest[:19],
                cpu=task["cpu"],
                memory=task["memory"],
                tasks=int(service.properties["desiredCount"]) if running else 0,
                state=_state(store, service.properties, running),
            )


def _state(store: Store, service: Properties, running: Properties | None) -> str:
    if running and logins.is_refused(store, running):
        return CANNOT_LOG_IN
    return STATES[service[ROLLOUT]]


def table(stack: str, rows: Iterable[Row], changes: Mapping[str, str] | None = None) -> Table:
    """The services, and what an update changed of each, at most 80 columns wide with usual names."""
    found = Table(title=f"{stack}, simulated: no task runs, nothing is billed", title_justify="left")
    for column in ("service", "image", "cpu", "memory", "tasks", "state", *(["change"] if changes else [])):
        found.add_column(column)
    for row in rows:
        change = [changes.get(row.service, "")] if changes else []
        image = row.digest.removeprefix("sha256:")
        found.add_row(row.service, image, row.cpu, f"{row.memory} MiB", str(row.tasks), row.state, *change)
    return found


def console(file: TextIO | None = None, width: int | None = None) -> Console:
    """A console that prints values as they are: `[b]` is no markup, `:secret:` no emoji. It obeys NO_COLOR."""
    return Console(file=file, width=width, markup=False, emoji=False, highlight=False)
