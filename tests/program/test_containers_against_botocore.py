"""One changed field of a container definition: what botocore refuses, the simulator refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore.model import ListShape, Shape, StringShape, StructureShape
from botocore.session import get_session
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecs import types
from simulator.aws.start import stopped_reasons
from tests.program.mutations import deployed
from tests.unit.simulator.world import World

Path = tuple[str | int, ...]
VALUES: list[Any] = [
    None,
    "",
    "x",
    "9001",
    -1,
    0,
    1,
    70000,
    1.5,
    True,
    [],
    ["x"],
    [None],
    [{}],
    {},
    {"x": "y"},
    [["x"]],
]


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """All places within the value."""
    if isinstance(value, dict | list):
        items: Any = cast(dict[str, Any], value).items() if isinstance(value, dict) else enumerate(cast(Any, value))
        for key, each in items:
            yield (*at, key)
            yield from paths(each, (*at, key))


@cache
def cloud() -> World:
    return deployed(probe=True)


@cache
def request_shape() -> StructureShape:
    model = get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition")
    return cast(StructureShape, model.input_shape)


def botocore_refuses(containers: Any) -> bool:
    request = {"family": "it", "containerDefinitions": containers}
    return ParamValidator().validate(request, request_shape()).has_errors() or not in_enums(request, request_shape())


def in_enums(value: Any, shape: Shape) -> bool:
    match shape:
        case StructureShape():
            return all(in_enums(each, shape.members[key]) for key, each in value.items())
        case ListShape():
            return all(in_enums(each, shape.member) for each in value)
        case StringShape():
            return not shape.enum or value in shape.enum
        case _:
            return True


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """The logical name of a task definition, and its containers with one field changed, removed or renamed."""
    definition = draw(st.sampled_from(sorted(cloud().all(types.TASK_DEFINITION), key=lambda each: each.urn)))
    containers = copy.deepcopy(json.loads(definition.properties["containerDefinitions"]))
    *parents, last = draw(st.sampled_from(sorted(paths(containers), key=str)))
    inner = containers
    for key in parents:
        inner = inner[key]
    kind = draw(st.sampled_from(["value", "value", "remove", "rename"]))
    if kind == "value":
        inner[last] = draw(st.sampled_from(VALUES))
    else:
        value = inner.pop(last)
        if kind == "rename" and isinstance(inner, dict):
            inner[f"{last}s"] = value
    return definition.urn, containers


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(mutation=mutations())
def test_what_botocore_refuses_of_a_container_the_simulator_refuses(mutation: tuple[str, list[Any]]) -> None:
    """A null is as good as nothing to the provider, so it does not count."""
    name, containers = mutation
    world = cloud()
    [definition] = [each for each in world.all(types.TASK_DEFINITION) if each.urn == name]
    [service] = [each for each in world.all(types.SERVICE) if each.urn == name.replace("-task-definition", "-service")]
    inputs = {**definition.properties, "containerDefinitions": json.dumps(containers)}
    world.change(definition, containerDefinitions=inputs["containerDefinitions"])
    try:
        request = world.request(next(each for each in world.all(types.TASK_DEFINITION) if each.urn == name))
        reasons = list(world.types[types.TASK_DEFINITION].validate(request))
        list(world.types[types.SERVICE].validate(world.request(service)))
        list(stopped_reasons(world.request(service), inputs))
    finally:
        world.store.put(definition)
    assert all(reason.startswith("ClientException: ") for reason in reasons)
    if "null" not in json.dumps(containers) and botocore_refuses(containers):
        assert reasons
