"""What CreateRule and ModifyRule accept.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
"""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws.ecs_service import balancer_arn, forwards
from simulator.aws.values import is_known, mapping, mappings, number, outside
from simulator.check import Checks
from simulator.cloud import Request, hint

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"
FORWARD = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ForwardActionConfig.html"
GROUP = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html"
CODE = "ValidationError"
MOST_GROUPS, MOST_WEIGHT = 5, 999
FIELDS = ("hostHeader", "httpHeader", "httpRequestMethod", "pathPattern", "queryStrings", "sourceIp")
rule = Checks[Request](types.LISTENER_RULE)


@rule(API)
def a_rule_has_conditions_and_a_priority_of_its_own(request: Request) -> Iterator[str]:
    """A rule has conditions, and a priority that no other rule of its listener has."""
    inputs = request.inputs
    conditions = mappings(inputs.get("conditions"))
    if not conditions and is_known(inputs.get("conditions", [])):
        yield f"{CODE}: A condition must be specified"
    for each in conditions:
        if len([key for key in FIELDS if each.get(key)]) != 1:
            yield f"{CODE}: a condition must have exactly one of {', '.join(FIELDS)}"
    for other in request.visible(types.LISTENER_RULE, listenerArn=inputs.get("listenerArn")):
        priority = number(inputs.get("priority"))
        if other.id != request.id and priority is not None and number(other.properties.get("priority")) == priority:
            yield f"PriorityInUse: Priority '{priority}' is currently in use{hint(request, other)}"


@rule(FORWARD)
def a_rule_forwards_to_groups_that_exist(request: Request) -> Iterator[str]:
    """A rule forwards to one to five target groups, which exist."""
    actions = mappings(request.inputs.get("actions"))
    if not actions and is_known(request.inputs.get("actions", [])):
        yield f"{CODE}: An action must be specified"
    known = {each.properties["arn"] for each in request.visible(types.TARGET_GROUP)}
    for arn in forwards(request.inputs):
        if arn not in known:
            yield f"TargetGroupNotFound: Target groups '{arn}' not found"
    for action in actions:
        if len(mappings(mapping(action.get("forward")).get("targetGroups"))) > MOST_GROUPS:
            yield f"{CODE}: an action can forward to at most {MOST_GROUPS} target groups"


@rule(GROUP)
def weights_are_within_their_limits(request: Request) -> Iterator[str]:
    """The weight of a target group is from 0 to 999."""
    for action in mappings(request.inputs.get("actions")):
        for group in mappings(mapping(action.get("forward")).get("targetGroups")):
            yield from outside(CODE, group, [("weight", 0, MOST_WEIGHT)])


@rule(
    "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
)
def a_group_is_of_one_load_balancer(request: Request) -> Iterator[str]:
    """A target group is used by one load balancer."""
    own = balancer_arn(request.inputs)
    for arn in forwards(request.inputs):
        for kind in (types.LISTENER, types.LISTENER_RULE):
            for other in request.visible(kind):
                if arn in forwards(other.properties) and balancer_arn(other.properties) != own:
                    yield f"TargetGroupAssociationLimit: another load balancer uses the target group {arn}: {other.urn}"
