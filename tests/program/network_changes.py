"""Changes of single objects of the network that the program declares."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ecs import types
from simulator.store import Properties
from tests.program.mutations import Change, mutate, stored
from tests.unit.simulator.world import World

Mutation = Callable[[World], object]


def network(egress: str) -> dict[str, Any]:
    return {"network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": egress}}


def with_(name: str, /, **properties: Any) -> Mutation:
    """Sets properties of the object with this logical name; None removes one."""

    def change(found: Properties) -> None:
        for key, value in properties.items():
            found.pop(key, None) if value is None else found.update({key: value})

    return lambda world: mutate(world, name, change)


def without(name: str) -> Mutation:
    return lambda world: world.store.remove(stored(world, name))


def changed(name: str, change: Change) -> Mutation:
    return lambda world: mutate(world, name, change)


def referring(name: str, key: str, other: str, *, as_list: bool = False) -> Mutation:
    """Sets a property to the ID of another object."""

    def mutation(world: World) -> None:
        found = stored(world, other).id
        with_(name, **{key: [found] if as_list else found})(world)

    return mutation


def route(**changes: Any) -> Change:
    """A change of the only route of a table; None removes a key."""

    def change(found: Properties) -> None:
        for key, value in changes.items():
            found["routes"][0].pop(key, None) if value is None else found["routes"][0].update({key: value})

    return change


def policy(**statement: Any) -> str:
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **statement}]}
    )


def private_subnet(world: World) -> str:
    """The ID of the private subnet in the last zone. A route table may have its name."""
    return [each.id for each in world.all(types.SUBNET) if "-private-" in each.urn][-1]
