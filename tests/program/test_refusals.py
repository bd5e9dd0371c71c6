"""What the simulated cloud refuses of changes of the program, and that it takes the program as it is."""

from __future__ import annotations

import pytest

from tests.program.mutations import Mutation, assert_refused, containers, deployed, mutate, refusals

SHAPES = [
    {},
    *({"network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": each}}
      for each in ("public", "endpoints", "nat", "nat-per-zone")),
]  # fmt: skip


@pytest.mark.parametrize("settings", SHAPES, ids=str)
def test_the_program_is_accepted(settings: dict[str, object]) -> None:
    assert refusals(deployed(**settings)) == []


REFUSED: dict[str, tuple[Mutation, str]] = {
    "another log group": (
        lambda world: mutate(world, "mcp-task-definition", containers(
            lambda found: found[0]["logConfiguration"]["options"].update({"awslogs-group": "/ecs/other"}))),
        "mcp-service: ResourceInitializationError: failed to validate logger args: the log group /ecs/other does not",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("mutation", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_change_of_the_program_is_refused_for_its_cause(mutation: Mutation, reason: str) -> None:
    world = deployed()
    mutation(world)
    assert_refused(world, reason)
