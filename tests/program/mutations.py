"""Changes of what the program deploys, and what the simulated cloud refuses afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from ecs import types
from simulator.aws.start import stopped_reasons
from simulator.store import Object, Properties, Store
from tests.declared import ACCOUNT, declare_program
from tests.unit.simulator.world import World

Change = Callable[[Properties], object]
"""Changes the properties of an object."""


@cache
def _objects(settings: str) -> tuple[Object, ...]:
    return tuple(declare_program(**json.loads(settings)).objects)


def deployed(**settings: Any) -> World:
    """A cloud of its own with everything that the program declares with these settings of the stack file."""
    world = World(store=Store(":memory:"), account=str(settings.get("account", ACCOUNT)))
    for each in _objects(json.dumps(settings)):
        world.store.put(each)
    return world


def stored(world: World, name: str) -> Object:
    """The object with this logical name."""
    [found] = [each for kind in world.types for each in world.store.find(kind) if each.urn == name]
    return found


def mutate(world: World, name: str, change: Change) -> None:
    """Changes the object with this logical name."""
    found = stored(world, name)
    properties = json.loads(json.dumps(found.properties))
    change(properties)
    world.store.put(replace(found, properties=properties))


def containers(change: Callable[[Any], object]) -> Change:
    """A change of the list of container definitions."""

    def apply(properties: Properties) -> None:
        found = json.loads(properties["containerDefinitions"])
        change(found)
        properties["containerDefinitions"] = json.dumps(found)

    return apply


def policy(change: Callable[[Any], object], key: str = "policy") -> Change:
    """A change of the statements of a policy document."""

    def apply(properties: Properties) -> None:
        document = json.loads(properties[key])
        change(document["Statement"])
        properties[key] = json.dumps(document)

    return apply


def refusals(world: World) -> list[str]:
    """What the cloud refuses if everything in it is asked for again, as `logical name: reason`."""
    return [
        f"{each.urn}: {reason}" for kind in world.types for each in world.all(kind) for reason in _reasons(world, each)
    ]


def _reasons(world: World, object: Object) -> Iterator[str]:
    request = world.request(object)
    yield from world.types[object.kind].validate(request)
    yield from world.cloud.missing_references(world.types[object.kind], request)
    if object.kind == types.SERVICE:
        for task in request.visible(types.TASK_DEFINITION, arn=object.properties["taskDefinition"]):
            yield from stopped_reasons(request, task.properties)
