"""Changes of single objects of the network that the program declares."""

from __future__ import annotations

import json
from typing import Any

from ecs import types
from tests.program.mutations import Change, Mutation, stored, with_, within
from tests.unit.simulator.world import World


def network(egress: str) -> dict[str, Any]:
    return {"network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": egress}}


def referring(name: str, key: str, other: str, *, as_list: bool = False) -> Mutation:
    """Sets a property to the ID of another object."""

    def mutation(world: World) -> None:
        found = stored(world, other).id
        with_(name, **{key: [found] if as_list else found})(world)

    return mutation


def route(**changes: Any) -> Change:
    """A change of the only route of a table; None removes a key."""
    return within("routes", **changes)


def policy(**statement: Any) -> str:
    return json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", **statement}]}
    )


def private_subnet(world: World) -> str:
    """The ID of the private subnet in the last zone. A route table may have its name."""
    return [each.id for each in world.all(types.SUBNET) if "-private-" in each.urn][-1]
