"""Load balancers. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from ecs import types
from simulator.aws import changes, deletions
from simulator.aws.ec2 import has_internet_route
from simulator.cloud import Request, ResourceType, hint
from simulator.failure import Failure

_ARN = "arn:aws:elasticloadbalancing:{region}:{account}"


def _validate_load_balancer(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    subnets = [each for each in request.visible(types.SUBNET) if each.id in request.inputs["subnets"]]
    if len({each.properties["availabilityZone"] for each in subnets}) < 2:
        yield "ValidationError: at least two subnets in two different Availability Zones must be specified"
    for subnet in subnets:
        if not has_internet_route(request, subnet.id, public=True):
            yield f"InvalidSubnet: VPC {subnet.properties['vpcId']} has no internet gateway route in {subnet.id}"


def _validate_target_group(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    path = request.inputs.get("healthCheck", {}).get("path", "/")
    if not path.startswith("/") or len(path) > 1024:
        yield f"ValidationError: Health check path '{path}' must begin with '/' and have at most 1024 characters"


def _validate_listener(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    if request.inputs["protocol"] == "HTTPS" and not request.inputs.get("certificateArn"):
        yield "ValidationError: a certificate must be specified for HTTPS listeners"
    for other in request.visible(types.LISTENER, loadBalancerArn=request.inputs["loadBalancerArn"]):
        if other.id != request.id and other.properties["port"] == request.inputs["port"]:
            port = f"{request.inputs['port']:.0f}"
            yield f"DuplicateListener: a listener already exists on port {port}{hint(request, other)}"


def _validate_deletion_protection(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    if request.inputs.get("enableDeletionProtection"):
        yield f"OperationNotPermitted: load balancer '{request.id}' cannot be deleted: deletion protection is enabled"


TYPES = {
    types.LOAD_BALANCER: ResourceType(
        id=f"{_ARN}:loadbalancer/app/{{name}}/{{hex}}",
        outputs={
            "arn": "{id}",
            "dnsName": "{name}-{hex}.{region}.elb.amazonaws.com",
            "zoneId": lambda _: "Z35SXDOTRQ7X7K",
        },
        replace_on_changes=frozenset({"internal", "loadBalancerType", "name"}),
        name_property="name",
        references={"subnets": (types.SUBNET, "id"), "securityGroups": (types.SECURITY_GROUP, "id")},
        validate=_validate_load_balancer,
        validate_update=changes.balancer.reasons,
        validate_delete=_validate_deletion_protection,
        failure=Failure(
            source="elbv2/load_balancer.go",
            quota="TooManyLoadBalancers: You've reached the limit on the number of load balancers.",
        ),
    ),
    types.TARGET_GROUP: ResourceType(
        id=f"{_ARN}:targetgroup/{{name}}/{{hex}}",
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"name", "port", "protocol", "targetType", "vpcId"}),
        name_property="name",
        references={"vpcId": (types.VPC, "id")},
        validate=_validate_target_group,
        validate_delete=deletions.target_group.reasons,
        failure=Failure(
            source="elbv2/target_group.go",
            quota="TooManyTargetGroups: You've reached the limit on the number of target groups.",
        ),
    ),
    types.LISTENER: ResourceType(
        id="{loadBalancerArn}/listener/{hex}",
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"loadBalancerArn"}),
        references={"loadBalancerArn": (types.LOAD_BALANCER, "arn")},
        validate=_validate_listener,
        failure=Failure(
            source="elbv2/listener.go",
            quota="TooManyListeners: You've reached the limit on the number of listeners per load balancer.",
        ),
    ),
}
