"""Load balancers. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable

from simulator.aws.ec2 import SECURITY_GROUP, SUBNET, VPC, leads_out
from simulator.cloud import Call, ResourceType

LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER = "aws:lb/listener:Listener"
_ARN = "arn:aws:elasticloadbalancing:{region}:{account}"


def _load_balancer(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html"""
    subnets = [each for each in call.find(SUBNET) if each.id in call.inputs["subnets"]]
    if len({each.properties["availabilityZone"] for each in subnets}) < 2:
        yield "ValidationError: at least two subnets in two different Availability Zones must be specified"
    for subnet in subnets:
        if not leads_out(call, subnet.id, public=True):
            yield f"InvalidSubnet: VPC {subnet.properties['vpcId']} has no internet gateway route in {subnet.id}"


def _listener(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    if call.inputs["protocol"] == "HTTPS" and not call.inputs.get("certificateArn"):
        yield "ValidationError: a certificate must be specified for HTTPS listeners"
    for other in call.find(LISTENER, loadBalancerArn=call.inputs["loadBalancerArn"]):
        if other.id != call.id and other.properties["port"] == call.inputs["port"]:
            yield f"DuplicateListener: a listener already exists on port {call.inputs['port']:.0f}"


def _protected(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""
    if call.inputs.get("enableDeletionProtection"):
        yield f"OperationNotPermitted: load balancer '{call.id}' cannot be deleted: deletion protection is enabled"


TYPES = {
    LOAD_BALANCER: ResourceType(
        id=f"{_ARN}:loadbalancer/app/{{name}}/{{hex}}",
        outputs={
            "arn": "{id}",
            "dnsName": "{name}-{hex}.{region}.elb.amazonaws.com",
            "zoneId": lambda _: "Z35SXDOTRQ7X7K",
        },
        replaces=frozenset({"internal", "loadBalancerType", "name"}),
        named="name",
        refers={"subnets": (SUBNET, "id"), "securityGroups": (SECURITY_GROUP, "id")},
        refuses=_load_balancer,
        refuses_deletion=_protected,
    ),
    TARGET_GROUP: ResourceType(
        id=f"{_ARN}:targetgroup/{{name}}/{{hex}}",
        outputs={"arn": "{id}"},
        replaces=frozenset({"name", "port", "protocol", "targetType", "vpcId"}),
        named="name",
        refers={"vpcId": (VPC, "id")},
    ),
    LISTENER: ResourceType(
        id="{loadBalancerArn}/listener/{hex}",
        outputs={"arn": "{id}"},
        replaces=frozenset({"loadBalancerArn"}),
        refers={"loadBalancerArn": (LOAD_BALANCER, "arn")},
        refuses=_listener,
    ),
}
