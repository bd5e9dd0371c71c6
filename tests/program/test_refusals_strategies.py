"""What the simulated cloud refuses of changes of a deployment strategy and of what shifts the traffic."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from simulator.failure import RejectedError
from tests.program.mutations import Case, Change, assert_refused, deployed, mutate, policy, put, refusals, stored
from tests.unit.simulator.world import rejection

SETTINGS: dict[str, Any] = {
    "rollout": {"default": {"strategy": "blue-green", "bake-minutes": 5}},
    "alerts": {"emails": ["ops@example.com"]},
}
OTHER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener-rule/app/other/0/0/0"


def configuration(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["deploymentConfiguration"])


def canary(**changes: Any) -> Change:
    parts = {"canaryPercent": 10, "canaryBakeTimeInMinutes": "5", **changes}
    return configuration(strategy="CANARY", canaryConfiguration=parts)


def shift(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["loadBalancers"][0]["advancedConfiguration"])


SERVICES: list[Case] = [
    ("mcp-service", configuration(bakeTimeInMinutes=None), "bakeTimeInMinutes is required with"),
    ("promptsvc-service", configuration(bakeTimeInMinutes="1441"), "bakeTimeInMinutes must be a whole number from 0"),
    ("promptsvc-service", configuration(strategy="BLUE"), "deploymentConfiguration.strategy 'BLUE' is not one of"),
    ("promptsvc-service", canary(canaryPercent=0), "canaryPercent 0 is less than 0.1"),
    ("promptsvc-service", canary(canaryPercent=2.55), "canaryPercent must be a multiple of 0.1, not 2.55"),
    ("promptsvc-service", canary(canaryBakeTimeInMinutes="-1"), "canaryBakeTimeInMinutes must be a whole number"),
    (
        "mcp-service",
        lambda found: found["loadBalancers"][0].pop("advancedConfiguration"),
        "loadBalancers requires advancedConfiguration.alternateTargetGroupArn with BLUE_GREEN",
    ),
    ("mcp-service", shift(productionListenerRule=OTHER), "of productionListenerRule does not exist"),
    ("mcp-service", shift(testListenerRule=OTHER), "of testListenerRule does not exist"),
    ("mcp-service", shift(alternateTargetGroupArn="arn:aws:none"), "the target group arn:aws:none does not exist"),
    (
        "mcp-service",
        lambda found: shift(alternateTargetGroupArn=found["loadBalancers"][0]["targetGroupArn"])(found),
        "the alternate target group is the target group itself",
    ),
    ("mcp-service", shift(roleArn="arn:aws:iam::000000000000:role/none"), "the role does not exist"),
]


def pause(*stages: str, count: int = 1, **changes: Any) -> Change:
    hook = {"targetType": "PAUSE", "lifecycleStages": stages or ["POST_TEST_TRAFFIC_SHIFT"], **changes}
    return configuration(lifecycleHooks=[hook] * count)


SERVICES.extend(
    [
        ("mcp-service", pause("TEST_TRAFFIC_SHIFT"), "cannot be configured at the lifecycle stage TEST_TRAFFIC_SHIFT"),
        ("mcp-service", pause("POST_SCALE_UP", "PRODUCTION_TRAFFIC_SHIFT"), "lifecycle stage PRODUCTION_TRAFFIC_SHIFT"),
        (
            "mcp-service",
            pause(timeoutConfiguration={"timeoutInMinutes": "20161"}),
            "timeoutInMinutes must be a whole number from 1 to 20160",
        ),
        ("promptsvc-service", pause(count=11), "a service can have at most 10 PAUSE hooks, not 11"),
        ("promptsvc-service", pause(targetType="AWS_LAMBDA"), "the type AWS_LAMBDA requires a hookTargetArn"),
    ]
)


def other_response(found: Any) -> None:
    found["actions"] = [{"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "503"}}]


OTHERS: list[Case] = [
    ("ingress-shift-production", other_response, "forwards to neither"),
    (
        "ingress-shift-task-role",
        policy(lambda found: found[0]["Principal"].update(Service="ecs-tasks.amazonaws.com"), "assumeRolePolicy"),
        "does not allow ecs.amazonaws.com",
    ),
    ("ingress-shift-task-role-policy", policy(lambda found: found.pop()), "may not ModifyRule"),
    ("ingress-shift-task-role-policy", policy(lambda found: found.pop(1)), "may not RegisterTargets"),
]


@pytest.mark.parametrize(("name", "change", "refusal"), [*SERVICES, *OTHERS])
def test_a_strategy_that_ecs_could_not_carry_out_is_refused(name: str, change: Change, refusal: str) -> None:
    world = deployed(**SETTINGS)
    mutate(world, name, change)
    assert_refused(world, refusal)


@pytest.mark.parametrize("approve", [False, True])
def test_what_the_program_declares_is_accepted(approve: bool) -> None:
    rollout = {"strategy": "blue-green", "bake-minutes": 5, "approve": approve}
    assert refusals(deployed(**{**SETTINGS, "rollout": {"default": rollout}})) == []


def test_a_strategy_is_not_changed_during_a_deployment() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-bluegreen-to-rolling.html"""
    world = deployed(**SETTINGS)
    service = stored(world, "promptsvc-service")
    world.change(service, rollout="in progress")
    changed = stored(world, "promptsvc-service")
    assert rejection(lambda: world.update(changed, deploymentConfiguration={"strategy": "ROLLING"})) == (
        "InvalidParameterException: the deployment strategy cannot be changed from BLUE_GREEN to ROLLING while a"
        " deployment is in progress"
    )


def test_ecs_keeps_a_strategy_that_an_update_leaves_out() -> None:
    world = deployed(**SETTINGS)
    service = stored(world, "promptsvc-service")
    inputs = {key: value for key, value in service.properties.items() if key != "deploymentConfiguration"}
    world.cloud.update(replace(world.request(service), inputs=inputs), {})
    assert stored(world, "promptsvc-service").properties["deploymentConfiguration"]["strategy"] == "BLUE_GREEN"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"priority": 50_001}, "priority 50001 is greater than 50000"),
        ({"priority": 1}, "PriorityInUse: Priority '1' is currently in use"),
        ({"conditions": []}, "A condition must be specified"),
        (
            {"actions": [{"type": "forward", "targetGroupArn": "arn:aws:none"}]},
            "Target groups 'arn:aws:none' not found",
        ),
        ({"listenerArn": "arn:aws:none"}, "listenerArn 'arn:aws:none' does not exist"),
    ],
)
def test_a_rule_that_elastic_load_balancing_rejects_is_refused(changes: dict[str, Any], refusal: str) -> None:
    world = deployed(**SETTINGS)
    rule = {**stored(world, "ingress-shift-production").properties, "priority": 3, **changes}
    with pytest.raises(RejectedError) as error:
        world.create(types.LISTENER_RULE, "another", **rule)
    assert refusal in str(error.value)
