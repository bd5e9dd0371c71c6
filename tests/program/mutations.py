"""Changes of what the program deploys, and what the simulated cloud refuses afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ecs import types
from simulator.aws.start import stopped_reasons
from simulator.failure import RejectedError
from simulator.store import Object, Properties, Store
from tests.declared import ACCOUNT, declare_program
from tests.unit.simulator.world import World

REAL = "123456789012"
"""An account that is not simulated."""
ACCOUNTS = pytest.mark.parametrize("account", [ACCOUNT, REAL])
Change = Callable[[Properties], object]
"""Changes the properties of an object."""
Mutation = Callable[[World], object]
Case = tuple[str, Change, str]
"""The logical name, the change, and a part of the refusal."""


@cache
def _objects(settings: str) -> tuple[Object, ...]:
    found = tuple(declare_program(**json.loads(settings)).objects)
    _unchanged.update(map(_text, found))
    return found


_unchanged: set[str] = set()
"""The objects of `_objects`, as `_text` writes them."""


def _text(each: Object) -> str:
    return f"{each.kind} {each.urn} {json.dumps(each.properties)}"


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


def changed(name: str, change: Change) -> Mutation:
    return lambda world: mutate(world, name, change)


def with_(name: str, /, **properties: Any) -> Mutation:
    """Sets properties of the object with this logical name; None removes one."""
    return changed(name, put(**properties))


def removed(name: str) -> Mutation:
    return lambda world: world.store.remove(stored(world, name))


def put(**properties: Any) -> Change:
    """Sets properties; None removes one."""

    def change(found: Properties) -> None:
        for key, value in properties.items():
            found.pop(key, None) if value is None else found.update({key: value})

    return change


def within(key: str, **properties: Any) -> Change:
    """Sets properties within a property, or within the first of a list."""

    def change(found: Properties) -> None:
        put(**properties)(found[key][0] if isinstance(found[key], list) else found[key])

    return change


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
    return list(_refusals(world))


def assert_refused(world: World, words: str) -> None:
    """Asks until a refusal contains the words."""
    others: list[str] = []
    for each in _refusals(world):
        if words in each:
            return
        others.append(each)
    pytest.fail(f"no refusal contains {words!r}; there are {others}")


def _refusals(world: World) -> Iterator[str]:
    """Those of changed objects first, as most refusals are. Services last: the start of their tasks takes long."""
    objects = [each for kind in world.types for each in world.all(kind)]
    for each in sorted(objects, key=lambda each: (_text(each) in _unchanged, each.kind == types.SERVICE)):
        yield from (f"{each.urn}: {reason}" for reason in _reasons(world, each))


@cache  # most objects are those of another mutation, too
def _invalid(check: Callable[[Path, Properties], Properties], properties: str) -> str:
    try:
        check(Path(), json.loads(properties))
    except RejectedError as error:
        return str(error)
    return ""


def _reasons(world: World, object: Object) -> Iterator[str]:
    request = world.request(object)
    check = world.types[object.kind].check
    if object.kind != types.DOCKER_IMAGE and (reason := _invalid(check, json.dumps(object.properties))):
        yield reason
        return
    yield from world.types[object.kind].validate(request)
    yield from world.cloud.missing_references(world.types[object.kind], request)
    if object.kind == types.SERVICE:
        for task in request.visible(types.TASK_DEFINITION, arn=object.properties.get("taskDefinition")):
            yield from stopped_reasons(request, task.properties)
