"""What a page says of the services that shift traffic while they roll out, and of another deployment strategy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.review.deployments import Raw, compared, service

Configuration = dict[str, Any]
PAUSE = {"targetType": "PAUSE", "timeoutConfiguration": {"timeoutInMinutes": "30"}}
ROLLING: Configuration = {"strategy": "ROLLING"}
BLUE_GREEN: Configuration = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "1"}
APPROVED: Configuration = {**BLUE_GREEN, "lifecycleHooks": [PAUSE]}
CANARY: Configuration = {
    "strategy": "CANARY",
    "bakeTimeInMinutes": "5",
    "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": "7"},
}
LINEAR: Configuration = {
    "strategy": "LINEAR",
    "bakeTimeInMinutes": "5",
    "linearConfiguration": {"stepPercent": 25, "stepBakeTimeInMinutes": "6"},
}
BOTH = "Fargate's quota and the connections to the database must suffice for both"


def deployed(configuration: Configuration | None, *names: str, image: str = "a", groups: int = 1) -> list[Raw]:
    """The services with two tasks each. With two target groups, ECS shifts the traffic of a load balancer."""
    found = [service(name, image=f"mrgnl@sha256:{image * 64}") for name in names or ("mcp",)]
    for *_, ecs in found:
        ecs["inputs"] |= {"desiredCount": 2, "taskDefinition": image}
        if configuration:
            ecs["inputs"]["deploymentConfiguration"] = configuration
        if groups == 2:
            ecs["inputs"]["loadBalancers"] = [{"advancedConfiguration": {"alternateTargetGroupArn": "b"}}]
    return [each for resources in found for each in resources]


def lines(before: list[Raw], after: list[Raw]) -> list[str]:
    updated = [("update", each) for each in after if each["urn"].endswith("-service")]
    return list(compared(before, after, *updated).strategies)


@pytest.mark.parametrize(
    ("configuration", "steps", "minutes"),
    [
        (BLUE_GREEN, "blue-green: all traffic at once; then both revisions run for 1 minute", "1 minute"),
        (
            APPROVED,
            "blue-green: all traffic at once, once a person approves, within 30 minutes; then both revisions run for"
            " 1 minute",
            "1 minute",
        ),
        (
            CANARY,
            "canary: 10 % of the traffic for 7 minutes, then all of it; then both revisions run for 5 minutes",
            "12 minutes",
        ),
        (
            LINEAR,
            "linear: 25 % more of the traffic every 6 minutes; then both revisions run for 5 minutes",
            "23 minutes",
        ),
    ],
)
def test_a_service_that_rolls_out_says_how_and_for_how_long_twice_the_tasks_run(
    configuration: Configuration, steps: str, minutes: str
) -> None:
    before, after = (deployed(configuration, "aa", "bb", image=each) for each in "ab")
    assert lines(before, after) == [f"aa, bb: {steps}", f"aa, bb: 2 tasks more for {minutes} at least: {BOTH}"]


@pytest.mark.parametrize("configuration", [ROLLING, None])
def test_nothing_is_said_of_a_service_that_rolls(configuration: Configuration | None) -> None:
    assert lines(*(deployed(configuration, image=each) for each in "ab")) == []


@pytest.mark.parametrize(
    ("was", "now", "text"),
    [
        (ROLLING, CANARY, "from rolling to canary, without replacing it"),
        (CANARY, ROLLING, "from canary to rolling, without replacing it"),
        (ROLLING, None, None),
        (
            CANARY,
            None,
            "ECS keeps canary, as nothing replaces it: deploy rolling before the key goes",
        ),
        (BLUE_GREEN, APPROVED, "each deployment waits for a person"),
        (APPROVED, BLUE_GREEN, "no deployment waits for a person any longer, unless ECS keeps the hook"),
    ],
)
def test_another_strategy_says_what_it_means_without_a_rollout(
    was: Configuration, now: Configuration | None, text: str | None
) -> None:
    assert lines(deployed(was), deployed(now)) == ([f"mcp: {text}"] if text else [])


def test_a_gateway_with_one_target_group_rolls_once_before_it_shifts_traffic() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-rolling-to-bluegreen.html"""
    first = lines(deployed(None), deployed(CANARY, groups=2))
    assert "mcp: has one target group: AWS requires an update with rolling before another strategy" in first
    assert "target group" not in "".join(lines(deployed(ROLLING, groups=2), deployed(CANARY, groups=2)))
