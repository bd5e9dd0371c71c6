"""What the program declares for each deployment strategy: all inputs of what differs from a stack without the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ecs import types
from tests.declared import ACCOUNT, REGION, Declared, declare_program
from tests.images import images
from tests.program.mutations import deployed, stored

ALERTS = {"emails": ["ops@example.com"]}
GATEWAY_ALARMS = {
    "enable": True,
    "rollback": True,
    "alarmNames": ["mrgnl-gateway-errors", "mrgnl-gateway-unanswered", "mrgnl-gateway-latency"],
}
STRATEGIES: Mapping[str, tuple[dict[str, Any], dict[str, Any], bool]] = {
    "rolling": ({"strategy": "rolling"}, {"strategy": "ROLLING"}, True),
    "blue-green": (
        {"strategy": "blue-green", "bake-minutes": 5},
        {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "5"},
        True,
    ),
    "canary": (
        {"strategy": "canary", "bake-minutes": 5, "percent": 12.5, "step-minutes": 3},
        {
            "strategy": "CANARY",
            "bakeTimeInMinutes": "5",
            "canaryConfiguration": {"canaryPercent": 12.5, "canaryBakeTimeInMinutes": "3"},
        },
        False,
    ),
    "linear": (
        {"strategy": "linear", "bake-minutes": 0},
        {
            "strategy": "LINEAR",
            "bakeTimeInMinutes": "0",
            "linearConfiguration": {"stepPercent": 10, "stepBakeTimeInMinutes": "6"},
        },
        False,
    ),
}
"""The values of `default`, what ECS gets, and whether AWS promises a circuit breaker."""


def declared(name: str, **settings: Any) -> Declared:
    return declare_program(rollout={"default": STRATEGIES[name][0]}, alerts=ALERTS, **settings)


def plain(**settings: Any) -> Declared:
    return declare_program(alerts=ALERTS, **settings)


def inputs(program: Declared, service: str) -> dict[str, Any]:
    """Without those that contain generated ids, which another program has others of."""
    found = program.one(types.SERVICE, f"{service}-service").inputs
    return {
        key: value for key, value in found.items() if key not in ("networkConfiguration", "serviceConnectConfiguration")
    }


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_grpc_service_differs_in_its_configuration_its_circuit_breaker_and_its_alarms_alone(name: str) -> None:
    _, configuration, breaks = STRATEGIES[name]
    found, former = inputs(declared(name), "promptsvc"), inputs(plain(), "promptsvc")
    shifts = {} if name == "rolling" else {"alarms": GATEWAY_ALARMS}
    assert found == {
        **former,
        **shifts,
        "deploymentConfiguration": configuration,
        "deploymentCircuitBreaker": {"enable": breaks, "rollback": breaks},
    }


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_gateway_differs_in_its_load_balancer_too(name: str) -> None:
    _, configuration, breaks = STRATEGIES[name]
    program = declared(name)
    found, former = inputs(program, "mcp"), inputs(plain(), "mcp")
    [block] = former["loadBalancers"]
    target, alternate = (program.one(types.TARGET_GROUP, f"ingress-{each}").id for each in ("target", "alternate"))
    production, test = (program.one(types.LISTENER_RULE, f"ingress-shift-{each}").id for each in ("production", "test"))
    advanced = {
        "alternateTargetGroupArn": alternate,
        "productionListenerRule": production,
        "testListenerRule": test,
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/{program.one(types.ROLE, 'ingress-shift-task-role').id}",
    }
    assert found == {
        **former,
        "deploymentConfiguration": configuration,
        "deploymentCircuitBreaker": {"enable": breaks, "rollback": breaks},
        "loadBalancers": [{**block, "targetGroupArn": target, "advancedConfiguration": advanced}],
    }


def test_a_deployment_that_a_person_approves_pauses_once_before_the_traffic_and_rolls_back_without_an_answer() -> None:
    """The update waits as long, and no longer: the engine would cut the wait off, or hang beyond ECS's decision."""
    rollout = {**STRATEGIES["canary"][0], "approve": True, "approve-minutes": 45}
    program, former = declare_program(rollout={"default": rollout}, alerts=ALERTS), declared("canary")
    pause = {
        "targetType": "PAUSE",
        "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"],
        "timeoutConfiguration": {"timeoutInMinutes": "45", "action": "ROLLBACK"},
    }
    for name in ("mcp", "promptsvc"):
        before, found = inputs(former, name), inputs(program, name)
        expected = {**before["deploymentConfiguration"], "lifecycleHooks": [pause]}
        assert found["deploymentConfiguration"] == expected
        service = program.one(types.SERVICE, f"{name}-service")
        assert service.options.customTimeouts.update == "73m", "20 minutes, 3 and 5 of the strategy, 45 of the wait"


def test_the_rules_precede_the_listeners_action_and_ignore_what_ecs_rewrites() -> None:
    program = declared("canary")
    [listener] = program.of(types.LISTENER).values()
    primary, alternate = (program.one(types.TARGET_GROUP, f"ingress-{each}").id for each in ("target", "alternate"))
    rules = program.of(types.LISTENER_RULE)
    assert {name: each.inputs for name, each in rules.items()} == {
        "ingress-shift-test": {
            "listenerArn": listener.id,
            "priority": 1,
            "conditions": [{"httpHeader": {"httpHeaderName": "x-amzn-ecs-blue-green-test", "values": ["true"]}}],
            "actions": [{"type": "forward", "targetGroupArn": alternate}],
        },
        "ingress-shift-production": {
            "listenerArn": listener.id,
            "priority": 2,
            "conditions": [{"pathPattern": {"values": ["/*"]}}],
            "actions": [
                {
                    "type": "forward",
                    "forward": {
                        "targetGroups": [{"arn": primary, "weight": 100}, {"arn": alternate, "weight": 0}],
                    },
                }
            ],
        },
    }
    assert [list(each.options.ignoreChanges) for each in rules.values()] == [["actions"], ["actions"]]
    assert listener.inputs["defaultActions"] == [{"type": "forward", "targetGroupArn": primary}]


def test_with_a_domain_the_rules_are_of_the_https_listener() -> None:
    domain = {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}
    program = declared("canary", ingress=domain)
    https = program.one(types.LISTENER, "ingress-https").id
    assert {each.inputs["listenerArn"] for each in program.of(types.LISTENER_RULE).values()} == {https}


def test_both_target_groups_are_alike() -> None:
    program = declared("blue-green")
    groups = {name: each.inputs for name, each in program.of(types.TARGET_GROUP).items()}
    assert groups == dict.fromkeys(["ingress-target", "ingress-alternate"], groups["ingress-target"])


ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
AWS_POLICY = {
    "DeregisterTargets": f"{ELB}:targetgroup/",
    "DescribeListeners": "*",
    "DescribeRules": "*",
    "DescribeTargetGroups": "*",
    "DescribeTargetHealth": "*",
    "ModifyListener": f"{ELB}:listener/app/",
    "ModifyRule": f"{ELB}:listener-rule/app/",
    "RegisterTargets": f"{ELB}:targetgroup/",
}
"""The actions of AmazonECSInfrastructureRolePolicyForLoadBalancers, and what the program limits them to.
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForLoadBalancers.html"""


def test_ecs_has_the_permissions_of_awss_policy_on_the_resources_of_the_stack() -> None:
    program = declared("canary")
    trust = program.one(types.ROLE, "ingress-shift-task-role").json("assumeRolePolicy")["Statement"]
    assert trust == [{"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    statements = program.one(types.ROLE_POLICY, "ingress-shift-task-role-policy").json("policy")["Statement"]
    found = {
        action.removeprefix("elasticloadbalancing:"): each["Resource"]
        for each in statements
        for action in each["Action"]
    }
    assert found.keys() == AWS_POLICY.keys()
    for action, resources in found.items():
        assert [each for each in resources if not each.startswith(AWS_POLICY[action])] == [], action
    assert [each for each in found["ModifyRule"] if "*" in each] == []


def test_each_alarm_of_the_gateway_measures_both_target_groups() -> None:
    program = declared("canary")
    suffixes = {each.id.rpartition(":")[2] for each in program.of(types.TARGET_GROUP).values()}
    for name in ("alerts-gateway-errors", "alerts-gateway-latency", "alerts-gateway-unhealthy"):
        queries = program.one(types.METRIC_ALARM, name).inputs["metricQueries"]
        measured = [each["metric"]["dimensions"]["TargetGroup"] for each in queries if "metric" in each]
        assert (set(measured), len(measured) % 2) == (suffixes, 0), name
    [errors] = [
        each["expression"]
        for each in program.one(types.METRIC_ALARM, "alerts-gateway-errors").inputs["metricQueries"]
        if "expression" in each
    ]
    assert errors == (
        "MAX([FILL(100 * FILL(errors, 0) / requests, 0), FILL(100 * FILL(errors2, 0) / requests2, 0)])"
    ), "the errors of a tenth of the traffic would be lost among those of the rest"


@pytest.mark.parametrize(("name", "minutes"), [("rolling", 20), ("blue-green", 25), ("canary", 28), ("linear", 74)])
def test_an_update_waits_as_long_as_the_strategy_takes_and_no_longer(name: str, minutes: int) -> None:
    for service in ("mcp", "promptsvc"):
        limits = declared(name).one(types.SERVICE, f"{service}-service").options.customTimeouts
        assert (limits.create, limits.update, limits.delete) == (f"{minutes}m", f"{minutes}m", "10m")


@pytest.mark.parametrize("name", STRATEGIES)
@pytest.mark.parametrize("egress", ["public", "endpoints"])
def test_every_service_starts_and_the_gateways_traffic_reaches_its_tasks(name: str, egress: str) -> None:
    """The mocks' cloud raises an error for a service whose tasks would not start."""
    network = {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": egress}
    world = deployed(rollout={"default": STRATEGIES[name][0]}, alerts=ALERTS, network=network)
    [action] = stored(world, "ingress-shift-production").properties["actions"]
    weights = [each["weight"] for each in action["forward"]["targetGroups"]]
    assert weights == ([100, 0] if name == "rolling" else [0, 100])


def test_without_a_public_service_there_is_nothing_to_shift() -> None:
    program = declare_program(
        build=None, images=images(["promptsvc"]), rollout={"default": STRATEGIES["blue-green"][0]}
    )
    assert program.types & {types.LISTENER_RULE, types.TARGET_GROUP} == set()
