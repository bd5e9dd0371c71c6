"""A preview refuses what follows from the known inputs of one resource, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from simulator.check import Checks
from simulator.cloud import Request
from simulator.engine import TYPES
from simulator.sdk import UNKNOWN
from tests.unit.simulator.world import World, network, rejection


def with_checks(world: World, *checks: Callable[[Request], Iterable[str]]) -> World:
    """A cloud whose log groups have these checks."""
    group = Checks[Request](types.LOG_GROUP)
    for each in checks:
        group("https://docs.aws.amazon.com/")(each)
    kind = replace(TYPES[types.LOG_GROUP], validate=group.reasons)
    return world.replace(types={**TYPES, types.LOG_GROUP: kind})


def reads_an_input(request: Request) -> Iterator[str]:
    if request.inputs.get("retentionInDays") == 2:
        yield "retention"


def reads_all_inputs(request: Request) -> Iterator[str]:
    yield f"all {sorted({**request.inputs})}"


def looks_at_others(request: Request) -> Iterator[str]:
    if not request.visible(types.VPC):
        yield "no network"


def uses_the_store(request: Request) -> Iterator[str]:
    if not request.cloud.store.find(types.VPC):
        yield "no network"


EVERY = (looks_at_others, uses_the_store, reads_an_input, reads_all_inputs)


@pytest.mark.parametrize(
    ("inputs", "refused"),
    [
        ({"retentionInDays": 2.0}, "retention; all ['name', 'retentionInDays']"),
        ({"retentionInDays": 2.0, "tags": {"a": [UNKNOWN]}}, "retention"),
    ],
)
def test_each_check_that_needs_known_inputs_only_refuses(world: World, inputs: dict[str, Any], refused: str) -> None:
    checked = with_checks(world, *EVERY)
    assert rejection(lambda: checked.preview(types.LOG_GROUP, name="logs", **inputs)) == refused
    existing = world.create(types.LOG_GROUP, name="logs")
    assert rejection(lambda: checked.preview_update(existing, **inputs)).startswith(refused.partition(";")[0])


def test_a_check_of_an_unknown_input_and_one_of_other_objects_pass(world: World) -> None:
    checked = with_checks(world, *EVERY)
    checked.preview(types.LOG_GROUP, name="logs", retentionInDays=UNKNOWN)
    assert "no network" in checked.rejection(types.LOG_GROUP, name="logs")


def test_a_subnet_is_checked_against_its_vpc_only_by_the_update(world: World) -> None:
    vpc, _ = network(world)
    outside = {"vpcId": vpc.id, "cidrBlock": "10.1.0.0/20", "availabilityZone": "us-east-1a"}
    world.preview(types.SUBNET, **outside)
    assert world.rejection(types.SUBNET, **outside) == (
        "InvalidSubnet.Range: The CIDR '10.1.0.0/20' is invalid: vpc has 10.0.0.0/16"
    )


def test_a_security_group_is_refused_for_its_description_by_the_preview(world: World) -> None:
    refused = rejection(lambda: world.preview(types.SECURITY_GROUP, name="x", vpcId=UNKNOWN, description="it's"))
    assert refused == 'InvalidParameterValue: Invalid security group description: "it\'s"'
