"""House rules on public addresses and on ingress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network

from ecs import types
from policy.rule import Resource, of, resource_rule, stack_rule, used

PRIVATE_IPV4 = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""https://www.rfc-editor.org/rfc/rfc1918"""
PRIVATE_IPV6 = IPv6Network("fc00::/7")
"""https://www.rfc-editor.org/rfc/rfc4193"""

PRIVATE_TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
"""The inputs of a route that name a target other than an internet gateway.
https://www.pulumi.com/registry/packages/aws/api-docs/ec2/routetable/#routetableroute"""


@resource_rule(
    id="databases-and-subnets-give-no-public-address",
    description="A database has no public address, and a subnet assigns none by default.",
    types={types.DB_INSTANCE, types.SUBNET},
    source="https://docs.aws.amazon.com/config/latest/developerguide/subnet-auto-assign-public-ip-disabled.html",
)
def databases_and_subnets_give_no_public_address(resource: Resource) -> Iterator[str]:
    if resource.props.get("publiclyAccessible"):
        yield "the database has a public address. Set publicly_accessible to False."
    if resource.props.get("mapPublicIpOnLaunch"):
        yield "the subnet assigns public addresses by default. Set map_public_ip_on_launch to False."


@stack_rule(
    id="tasks-have-no-public-address",
    description=(
        "Tasks have public addresses only if their subnets route to an internet gateway and the stack has no private"
        " connectivity: no interface endpoint, and no route to a target other than an internet gateway."
    ),
    fix="Set assign_public_ip to False, or set `network.egress` of the stack to public.",
    source="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html",
)
def tasks_have_no_public_address(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    services = [
        each
        for each in of(resources, types.SERVICE)
        if each.props.get("networkConfiguration", {}).get("assignPublicIp")
    ]
    private = _private_connectivity(resources)
    undecided: list[Resource] = []
    for service in services:
        if private:
            yield service, _has_private(private[0])
        elif finding := _without_internet(service, resources):
            yield service, finding
        else:
            undecided.append(service)
    # Last: where a preview does not know the routes, the rule ends here.
    if undecided and (ids := _private_ids(resources)):
        yield from ((service, _has_private(ids[0])) for service in undecided)


def _has_private(name: str) -> str:
    return f"its tasks have public addresses, but the stack has private connectivity through {name}"


def _private_connectivity(resources: Sequence[Resource]) -> list[str]:
    """The names of the interface endpoints, and of the resources that routes target, except internet gateways.

    Decides by URN, because a preview does not know the ids of new resources.
    """
    endpoints = [each for each in of(resources, types.VPC_ENDPOINT) if each.props.get("vpcEndpointType") == "Interface"]
    urns = used(of(resources, types.ROUTE_TABLE), "routes")
    # A route's destination can be the address range of the VPC.
    targets = [each for each in resources if each.urn in urns and each.type not in (types.INTERNET_GATEWAY, types.VPC)]
    return sorted(each.name for each in (*endpoints, *targets))


def _private_ids(resources: Sequence[Resource]) -> list[str]:
    """The ids of route targets that belong to another stack, such as a shared transit gateway."""
    routes: list[Mapping[str, str]] = [
        route for table in of(resources, types.ROUTE_TABLE) for route in table.props.get("routes") or ()
    ]
    # The AWS provider reports a target that a route does not have as an empty string.
    return sorted(target for route in routes for key in PRIVATE_TARGETS if (target := route.get(key)))


def _without_internet(service: Resource, resources: Sequence[Resource]) -> str | None:
    """The finding for a service with a subnet that has no route to an internet gateway."""
    subnets = [each for each in of(resources, types.SUBNET) if each.urn in used([service], "networkConfiguration")]
    if not subnets:
        return "its tasks have public addresses, but its subnets are not in this stack, so their routes are unknown"
    gateways = {each.urn for each in of(resources, types.INTERNET_GATEWAY)}
    tables = _route_tables(resources)
    isolated: list[str] = []
    for subnet in subnets:
        table = tables.get(subnet.urn)
        if table is None:
            isolated.append(f"{subnet.name} (no associated route table)")
        elif not gateways & used([table], "routes"):
            isolated.append(f"{subnet.name} (route table {table.name})")
    if not isolated:
        return None
    return f"its tasks have public addresses, but no route to an internet gateway from {', '.join(sorted(isolated))}"


def _route_tables(resources: Sequence[Resource]) -> dict[str, Resource]:
    """The associated route table of each subnet, by the subnet's URN.

    A subnet without an association uses the VPC's main route table, which routes only within the VPC.
    https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
    """
    associations = of(resources, types.ROUTE_TABLE_ASSOCIATION)
    return {
        subnet: table
        for table in of(resources, types.ROUTE_TABLE)
        for association in associations
        if table.urn in used([association], "routeTableId")
        for subnet in used([association], "subnetId")
    }


@resource_rule(
    id="routes-are-declared-in-route-tables",
    description="A route is part of its RouteTable, where tasks-have-no-public-address reads it.",
    types={types.ROUTE},
    fix="Declare it in `routes` of the RouteTable.",
)
def routes_are_declared_in_route_tables(_: Resource) -> Iterator[str]:
    yield "the route is a resource of its own"


@stack_rule(
    id="the-internet-reaches-only-the-load-balancer",
    description="Only the security groups of the load balancer allow ingress from public addresses.",
    fix="Name a security group as the peer.",
)
def the_internet_reaches_only_the_load_balancer(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    # A preview does not know a security group's id, but it knows the resource that the id comes from.
    outer = used(of(resources, types.LOAD_BALANCER), "securityGroups")
    inner = (
        used(of(resources, types.SERVICE), "networkConfiguration")
        | used(of(resources, types.DB_INSTANCE), "vpcSecurityGroupIds")
        | used(of(resources, types.VPC_ENDPOINT), "securityGroupIds")
    )
    for rule in of(resources, types.INGRESS_RULE):
        cidr, group = rule.props.get("cidrIpv4") or rule.props.get("cidrIpv6"), used([rule], "securityGroupId")
        # The members of a security group that is not in this stack are unknown.
        if cidr and _is_public(cidr) and not (group and group <= outer - inner):
            yield rule, f"lets {cidr} reach more than the load balancer"


def _is_public(cidr: str) -> bool:
    network = ip_network(cidr)
    if isinstance(network, IPv6Network):
        return not network.subnet_of(PRIVATE_IPV6)
    return not any(network.subnet_of(each) for each in PRIVATE_IPV4)


@resource_rule(
    id="ingress-is-declared-by-ingress-rules",
    description=(
        "Ingress is declared by SecurityGroupIngressRule only, which the-internet-reaches-only-the-load-balancer reads."
    ),
    types={types.SECURITY_GROUP, types.SECURITY_GROUP_RULE},
    fix="Use components.security_group.SecurityGroup.",
    source="https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/",
)
def ingress_is_declared_by_ingress_rules(resource: Resource) -> Iterator[str]:
    # A StackRule would read the outputs. After a refresh those of a group contain the ingress of its separate rules.
    if resource.props.get("ingress") or resource.props.get("type") == "ingress":
        yield "allows ingress without a SecurityGroupIngressRule"
