"""The section `rollout` of a stack file."""

from __future__ import annotations

from typing import Any

import pytest

from ecs.rollout import Strategy
from tests.declared import CATALOGUE
from tests.unit.config.stack_settings import UNKNOWN_SERVICE, problems, read

BAKE = "set the minutes for which the former tasks run on; 0 to 1440."
GATEWAY, PROMPTS = CATALOGUE["mcp"], CATALOGUE["promptsvc"]


@pytest.mark.parametrize(
    ("rollout", "strategy"),
    [
        ("{}", None),
        ("{mcp: {strategy: rolling}}", None),
        ("{promptsvc: {strategy: rolling}}", Strategy(name="rolling")),
        ("{default: {strategy: blue-green, bake-minutes: 5}}", Strategy(name="blue-green", bake_minutes=5)),
        (
            "{default: {strategy: canary, bake-minutes: 0}}",
            Strategy(name="canary", bake_minutes=0, percent=5, step_minutes=10),
        ),
        (
            "{default: {bake-minutes: 5}, promptsvc: {strategy: linear, step-minutes: 1}}",
            Strategy(name="linear", bake_minutes=5, percent=10, step_minutes=1),
        ),
        (
            "{default: {strategy: canary, bake-minutes: 5, percent: 20}, promptsvc: {strategy: blue-green}}",
            Strategy(name="blue-green", bake_minutes=5),
        ),
        ("{default: {strategy: canary, bake-minutes: 5}, promptsvc: {strategy: rolling}}", Strategy(name="rolling")),
        (
            "{default: {strategy: blue-green, bake-minutes: 5, approve: true}}",
            Strategy(name="blue-green", bake_minutes=5, approve_minutes=20),
        ),
        (
            "{default: {strategy: blue-green, bake-minutes: 5, approve: true, approve-minutes: 30},"
            " promptsvc: {approve: false}}",
            Strategy(name="blue-green", bake_minutes=5),
        ),
        (
            "{default: {strategy: blue-green, bake-minutes: 5, approve: true}, promptsvc: {strategy: rolling}}",
            Strategy(name="rolling"),
        ),
    ],
)
def test_a_service_has_its_own_values_then_those_of_default_then_those_of_aws(
    rollout: str, strategy: Strategy | None
) -> None:
    assert read(f"rollout: {rollout}").strategy(PROMPTS) == strategy


def test_a_gateway_that_rolls_beside_services_that_shift_traffic_keeps_its_strategy() -> None:
    stack = read("rollout: {default: {strategy: blue-green, bake-minutes: 5}, mcp: {strategy: rolling}}")
    assert (stack.strategy(GATEWAY), stack.strategy(PROMPTS)) == (
        Strategy(name="rolling"),
        Strategy(name="blue-green", bake_minutes=5),
    )


@pytest.mark.parametrize(
    ("rollout", "lines"),
    [
        ("{gateway: {strategy: rolling}}", [f"gateway: {UNKNOWN_SERVICE}"]),
        (
            "{mcp: {strategy: all-at-once}}",
            ['mcp.strategy is "all-at-once": must be rolling, blue-green, canary or linear.'],
        ),
        ("{mcp: {strategy: blue-green}}", [f"mcp.bake-minutes: missing. With the strategy blue-green, {BAKE}"]),
        (
            "{default: {strategy: canary}, mcp: {percent: 10}, promptsvc: {bake-minutes: 5}}",
            [f"default.bake-minutes: missing. With the strategy canary, {BAKE}"],
        ),
        ("{mcp: {bake-minutes: 5}}", ["mcp.bake-minutes is 5: must not be set, as the strategy is rolling."]),
        (
            "{mcp: {strategy: blue-green, bake-minutes: 5, percent: 10, step-minutes: 1}}",
            [
                "mcp.percent is 10: must not be set, as the strategy is blue-green.",
                "mcp.step-minutes is 1: must not be set, as the strategy is blue-green.",
            ],
        ),
        ("{default: {percent: 10}}", ["default.percent is 10: must not be set, as the strategy is rolling."]),
        (
            "{mcp: {strategy: linear, bake-minutes: 5, percent: 2}}",
            ["mcp.percent is 2: must be a multiple of 0.1 from 3 to 100 with the strategy linear."],
        ),
        (
            "{mcp: {strategy: canary, bake-minutes: 5, percent: 2.55}}",
            ["mcp.percent is 2.55: must be a multiple of 0.1 from 0.1 to 100 with the strategy canary."],
        ),
        ("{mcp: {strategy: canary, bake-minutes: 5, percent: 101}}", ["mcp.percent is 101: must be at most 100.0."]),
        ("{mcp: {approve: true}}", ["mcp.approve is true: must not be set, as the strategy is rolling."]),
        (
            "{mcp: {strategy: blue-green, bake-minutes: 5, approve-minutes: 30}}",
            ["mcp.approve-minutes is 30: must not be set without approve: true."],
        ),
        (
            "{mcp: {strategy: blue-green, bake-minutes: 5, approve: true, approve-minutes: 1441}}",
            ["mcp.approve-minutes is 1441: must be at most 1440."],
        ),
        ("{mcp: {strategy: blue-green, bake-minutes: 1441}}", ["mcp.bake-minutes is 1441: must be at most 1440."]),
    ],
)
def test_a_rollout_that_ecs_would_not_carry_out_as_it_reads_is_a_problem(rollout: str, lines: list[str]) -> None:
    assert problems(f"rollout: {rollout}") == [f"marginalia:stack.rollout.{each}" for each in lines]


@pytest.mark.parametrize(
    ("strategy", "steps", "minutes"),
    [
        ({"name": "rolling"}, 0, 0),
        ({"name": "blue-green", "bake_minutes": 5}, 0, 5),
        ({"name": "canary", "bake_minutes": 5, "percent": 10, "step_minutes": 7}, 1, 12),
        ({"name": "linear", "bake_minutes": 5, "percent": 10, "step_minutes": 6}, 9, 59),
        ({"name": "linear", "bake_minutes": 0, "percent": 30, "step_minutes": 1}, 3, 3),
        ({"name": "linear", "bake_minutes": 1, "percent": 100, "step_minutes": 6}, 0, 1),
    ],
)
def test_a_rollout_takes_its_steps_but_the_last_and_its_bake_time_at_least(
    strategy: dict[str, Any], steps: int, minutes: int
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html"""
    found = Strategy(**strategy)
    assert (found.steps, found.least_minutes, found.limit_minutes) == (steps, minutes, 20 + minutes)
