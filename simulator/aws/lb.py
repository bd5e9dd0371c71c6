"""Load balancers. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.aws import changes, deletions, lb_logs
from simulator.aws.lb_listener import listener
from simulator.aws.lb_rule import rule
from simulator.aws.lb_target_group import target_group
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure

_ARN = "arn:aws:elasticloadbalancing:{region}:{account}"


def _validate_deletion_protection(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    if request.inputs.get("enableDeletionProtection"):
        yield f"OperationNotPermitted: load balancer '{request.id}' cannot be deleted: deletion protection is enabled"


def _listener(request: Request) -> str:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html"""
    balancer = request.inputs["loadBalancerArn"].replace(":loadbalancer/", ":listener/")
    return f"{balancer}/{request.generated['hex'][:16]}"


def _rule(request: Request) -> str:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Rule.html"""
    listener = request.inputs["listenerArn"].replace(":listener/", ":listener-rule/")
    return f"{listener}/{request.generated['hex'][:16]}"


TYPES = {
    types.LOAD_BALANCER: ResourceType(
        id=f"{_ARN}:loadbalancer/app/{{name}}/{{hex:.16}}",
        outputs={
            "arn": "{id}",
            "arnSuffix": "app/{name}/{hex:.16}",
            "dnsName": "{name}-{hex:.16}.{region}.elb.amazonaws.com",
            "zoneId": lambda _: "Z35SXDOTRQ7X7K",
        },
        replace_on_changes=frozenset({"internal", "loadBalancerType", "name"}),
        name_property="name",
        references={"subnets": (types.SUBNET, "id"), "securityGroups": (types.SECURITY_GROUP, "id")},
        validate=lb_logs.balancer.reasons,
        validate_update=changes.balancer.reasons,
        validate_delete=_validate_deletion_protection,
        failure=Failure(
            source="elbv2/load_balancer.go",
            quota="TooManyLoadBalancers: You've reached the limit on the number of load balancers.",
        ),
    ),
    types.TARGET_GROUP: ResourceType(
        id=f"{_ARN}:targetgroup/{{name}}/{{hex:.16}}",
        outputs={"arn": "{id}", "arnSuffix": "targetgroup/{name}/{hex:.16}"},
        replace_on_changes=frozenset({"name", "port", "protocol", "targetType", "vpcId"}),
        name_property="name",
        references={"vpcId": (types.VPC, "id")},
        validate=target_group.reasons,
        validate_delete=deletions.target_group.reasons,
        failure=Failure(
            source="elbv2/target_group.go",
            quota="TooManyTargetGroups: You've reached the limit on the number of target groups.",
        ),
    ),
    types.LISTENER: ResourceType(
        id=_listener,
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"loadBalancerArn"}),
        references={"loadBalancerArn": (types.LOAD_BALANCER, "arn")},
        validate=listener.reasons,
        failure=Failure(
            source="elbv2/listener.go",
            quota="TooManyListeners: You've reached the limit on the number of listeners per load balancer.",
        ),
    ),
    types.LISTENER_RULE: ResourceType(
        id=_rule,
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"listenerArn"}),
        references={"listenerArn": (types.LISTENER, "arn")},
        # DeleteListener deletes its rules.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteListener.html
        blocks_delete=False,
        validate=rule.reasons,
        failure=Failure(
            source="elbv2/listener_rule.go",
            quota="TooManyRules: You've reached the limit on the number of rules per load balancer.",
        ),
    ),
}
