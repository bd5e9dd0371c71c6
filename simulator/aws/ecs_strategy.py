"""What CreateService and UpdateService accept of a deployment strategy.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs import rollout, types
from simulator.aws import access
from simulator.aws.ecs_service import forwards, service, strategy
from simulator.aws.start import roles
from simulator.aws.values import mapping, mappings, outside, text
from simulator.cloud import Request
from simulator.store import Properties

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"
CANARY = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html"
ADVANCED = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html"
ROLE = (
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html"
)
RESOURCES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/alb-resources-for-blue-green.html"
CODE = "InvalidParameterException"
ECS = "ecs.amazonaws.com"


KEPT = ("deploymentCircuitBreaker", "deploymentConfiguration")
"""What ECS keeps of a service when an update leaves it out."""


def effective(request: Request) -> Properties:
    """The inputs of a service, with what ECS keeps."""
    existing = request.existing()
    former = existing.properties if existing else {}
    return {**{key: former[key] for key in KEPT if former.get(key)}, **request.inputs}


def shifts(inputs: Properties) -> bool:
    """Whether a deployment starts all new tasks before it shifts the traffic."""
    return strategy(inputs) != "ROLLING"


def has_breaker(inputs: Properties) -> bool:
    """Whether a deployment whose tasks do not start ends. AWS promises a circuit breaker for two strategies.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
    """
    on = mapping(inputs.get("deploymentCircuitBreaker")).get("enable", True)
    return bool(on) and strategy(inputs) in ("ROLLING", "BLUE_GREEN")


def advanced(inputs: Properties) -> list[tuple[str, Properties]]:
    """The target group of each load balancer between whose groups traffic is shifted, and its configuration."""
    blocks = mappings(inputs.get("loadBalancers"))
    found = [(text(each.get("targetGroupArn")), mapping(each.get("advancedConfiguration"))) for each in blocks]
    return [each for each in found if each[1]]


@service(API)
def a_bake_time_is_set_and_within_a_day(request: Request) -> Iterator[str]:
    """A blue/green deployment has a bake time, of at most 1,440 minutes."""
    inputs = effective(request)
    configuration = mapping(inputs.get("deploymentConfiguration"))
    if strategy(inputs) == "BLUE_GREEN" and configuration.get("bakeTimeInMinutes") is None:
        yield f"{CODE}: bakeTimeInMinutes is required with the deployment strategy BLUE_GREEN"
    yield from outside(CODE, configuration, [("bakeTimeInMinutes", 0, rollout.MOST_MINUTES)])


@service(CANARY)
def a_part_of_the_traffic_is_a_multiple_of_a_tenth(request: Request) -> Iterator[str]:
    """The share of the traffic that is shifted at once is a multiple of 0.1 %; ECS waits at most 1,440 minutes."""
    configuration = mapping(request.inputs.get("deploymentConfiguration"))
    keys = (("canary", "canaryPercent", "canaryBakeTimeInMinutes"), ("linear", "stepPercent", "stepBakeTimeInMinutes"))
    for part, percent, minutes in keys:
        given = mapping(configuration.get(f"{part}Configuration"))
        yield from outside(CODE, given, [(minutes, 0, rollout.MOST_MINUTES)])
        if isinstance(value := given.get(percent), int | float) and round(value, 1) != value:
            yield f"{CODE}: {percent} must be a multiple of 0.1, not {value!r}"


@service(RESOURCES)
def shifted_traffic_has_two_groups_a_rule_and_a_role(request: Request) -> Iterator[str]:
    """To shift traffic, a load balancer has an alternate target group, a listener rule and a role."""
    inputs = effective(request)
    for block in mappings(inputs.get("loadBalancers")) if shifts(inputs) else []:
        given = mapping(block.get("advancedConfiguration"))
        for key in ("alternateTargetGroupArn", "productionListenerRule", "roleArn"):
            if not given.get(key):
                yield f"{CODE}: loadBalancers requires advancedConfiguration.{key} with {strategy(inputs)}"


@service(ADVANCED)
def the_rules_forward_to_the_groups(request: Request) -> Iterator[str]:
    """The alternate target group and the rules exist, and the production rule forwards to one of both groups."""
    groups = {each.properties["arn"] for each in request.visible(types.TARGET_GROUP)}
    rules = {each.id: list(forwards(each.properties)) for each in request.visible(types.LISTENER_RULE)}
    for primary, given in advanced(request.inputs):
        alternate = text(given.get("alternateTargetGroupArn"))
        if alternate and alternate not in groups:
            yield f"{CODE}: the target group {alternate} does not exist"
        if alternate and alternate == primary:
            yield f"{CODE}: the alternate target group is the target group itself: {primary}"
        for key in ("productionListenerRule", "testListenerRule"):
            if (arn := text(given.get(key))) and arn not in rules:
                yield f"{CODE}: the listener rule {arn} of {key} does not exist"
        if (arn := text(given.get("productionListenerRule"))) in rules and not {primary, alternate} & {*rules[arn]}:
            yield f"{CODE}: the listener rule {arn} forwards to neither {primary} nor {alternate}"


@service(ROLE, confirmed="nobody")
def ecs_may_shift_the_traffic(request: Request) -> Iterator[str]:
    """ECS may assume the role, which may register targets and modify the rules."""
    for primary, given in advanced(request.inputs):
        if not (arn := text(given.get("roleArn"))):
            continue
        for reason in roles.refusals(request, arn, ECS, {}):
            yield f"{CODE}: ECS was unable to assume the role '{arn}': {reason}"
        role = access.load(request, arn)
        rules = [text(given.get(key)) for key in ("productionListenerRule", "testListenerRule")]
        needed = [
            *(("RegisterTargets", each) for each in (primary, text(given.get("alternateTargetGroupArn")))),
            *(("ModifyRule", each) for each in rules if each),
        ]
        for action, resource in needed if role else []:
            if reason := role and role.refusal(f"elasticloadbalancing:{action}", resource):
                yield f"{CODE}: the role '{arn}' may not {action} {resource}: {reason}"
