"""What CreateLoadBalancer accepts.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.routes import has_internet_route
from simulator.aws.values import is_known, other_than, outside, repeated, texts
from simulator.check import Checks
from simulator.cloud import Request
from simulator.store import Object

API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"
balancer = Checks[Request](types.LOAD_BALANCER)


def name_problems(name: object, *, internal: bool = True) -> Iterator[str]:
    """A name has up to 32 letters, numbers and hyphens, begins and ends with none of these, nor with `internal-`."""
    if not is_known(name):
        return
    if not re.fullmatch(r"(?!-)[0-9A-Za-z-]{1,32}(?<!-)", str(name)):
        yield f"ValidationError: the name {name!r} must have 1 to 32 letters, numbers and hyphens, no hyphen at an end"
    if internal and str(name).startswith("internal-"):
        yield f"ValidationError: the name {name!r} must not begin with 'internal-'"


def _subnets(request: Request) -> list[Object]:
    return [each for each in request.visible(types.SUBNET) if each.id in texts(request.inputs.get("subnets"))]


@balancer(API)
def values_are_those_of_the_api(request: Request) -> Iterator[str]:
    """An Application Load Balancer has a valid name and attributes within their limits."""
    inputs = request.inputs
    yield from name_problems(inputs.get("name"))
    allowed = [
        ("loadBalancerType", ("application", "network", "gateway")),
        ("ipAddressType", ("ipv4", "dualstack", "dualstack-without-public-ipv4")),
    ]
    yield from other_than("ValidationError", inputs, allowed)
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    yield from outside("ValidationError", inputs, [("idleTimeout", 1, 4000), ("clientKeepAlive", 60, 604_800)])


@balancer(API)
def subnets_are_in_two_zones_of_one_vpc(request: Request) -> Iterator[str]:
    """The subnets are in at least two zones, one in each, in one VPC, with a route to the internet unless internal."""
    subnets = _subnets(request)
    zones = [each.properties["availabilityZone"] for each in subnets]
    if len({*zones}) < 2:
        yield "ValidationError: at least two subnets in two different Availability Zones must be specified"
    for zone in repeated(zones):
        yield f"InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in {zone}"
    if len(vpcs := {each.properties["vpcId"] for each in subnets}) > 1:
        yield f"InvalidConfigurationRequest: the subnets are in more than one VPC: {', '.join(sorted(vpcs))}"
    for subnet in subnets if not request.inputs.get("internal") else []:
        if not has_internet_route(request, subnet.id, public=True):
            yield f"InvalidSubnet: VPC {subnet.properties['vpcId']} has no internet gateway route in {subnet.id}"


@balancer(API, confirmed="nobody")
def security_groups_are_in_the_vpc(request: Request) -> Iterator[str]:
    """The security groups are in the VPC of the subnets."""
    vpcs = {each.properties["vpcId"] for each in _subnets(request)}
    given = texts(request.inputs.get("securityGroups"))
    for group in request.visible(types.SECURITY_GROUP):
        if group.id in given and vpcs and (vpc := group.properties["vpcId"]) not in vpcs:
            yield f"InvalidConfigurationRequest: security group {group.id} is in {vpc}, the subnets are not"
