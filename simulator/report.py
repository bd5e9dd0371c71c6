"""What runs in the simulated cloud, for people to look at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ecs.image import Reference
from simulator.aws.ecs import RUNNING, SERVICE, TASK_DEFINITION
from simulator.engine import CLOUD
from simulator.store import Store


@dataclass(frozen=True, kw_only=True)
class Row:
    service: str
    digest: str
    cpu: str
    memory: str
    tasks: int
    state: str


def services(home: Path, stack: str) -> Iterator[Row]:
    """A row for each service of the stack, by name."""
    store = Store(home / CLOUD)
    try:
        tasks = {each.properties["arn"]: each.properties for each in store.find(TASK_DEFINITION)}
        running = [each for each in store.find(SERVICE) if each.urn.startswith(f"urn:pulumi:{stack}::")]
        for service in sorted(running, key=lambda each: each.properties["name"]):
            task = tasks[service.properties["taskDefinition"]]
            runs = tasks.get(service.properties[RUNNING])
            shown = runs or task
            [container] = json.loads(shown["containerDefinitions"])
            yield Row(
                service=service.properties["name"],
                digest=Reference.parse(container["image"]).digest[:19],
                cpu=shown["cpu"],
                memory=shown["memory"],
                tasks=int(service.properties["desiredCount"]) if runs else 0,
                state="steady" if runs == task else "rolled back" if runs else "does not start",
            )
    finally:
        store.close()
