"""Changes of security groups and ranges, and the causes for which the simulated cloud refuses them."""

from __future__ import annotations

import pytest

from tests.program.mutations import Mutation, assert_refused, changed, deployed, mutate, removed, stored, with_
from tests.program.network_changes import network, referring, route

PRIVATE = "network-private-us-east-1a"

CONNECTIONS: dict[str, tuple[Mutation, str]] = {
    "the balancer without egress": (
        removed("mcp-access-from-ingress-egress"),
        "mcp-service: Task failed ELB health checks in (target-group ingress-target): Request timed out:"
        " no egress rule of ingress-access-group lets ingress-balancer reach the task on port 8080",
    ),
    "the task without ingress": (
        removed("mcp-access-from-ingress-ingress"),
        "no ingress rule of mcp-access-group admits ingress-balancer to the task on port 8080",
    ),
    "the balancer to another port": (
        with_("mcp-access-from-ingress-egress", fromPort=8081, toPort=8081),
        "no egress rule of ingress-access-group",
    ),
    "a health check on another port": (
        changed("ingress-target", lambda found: found["healthCheck"].update(port="9999")),
        "no egress rule of ingress-access-group lets ingress-balancer reach the task on port 9999",
    ),
    "the balancer's group on the balancer alone": (
        referring("mcp-access-from-ingress-ingress", "referencedSecurityGroupId", "mcp-access-group"),
        "no ingress rule of mcp-access-group admits ingress-balancer",
    ),
    "a listener that nobody reaches": (
        removed("ingress-access-from-203.0.113.0/24-80-ingress"),
        "mcp-service: nobody reaches the listener ingress-http: no ingress rule of ingress-access-group for port 80",
    ),
    "a listener on another port": (with_("ingress-http", port=8000), "nobody reaches the listener ingress-http"),
    "a caller without egress": (
        removed("mcp-access-to-authsvc-egress"),
        "mcp-service: the connection to authsvc:9001 times out: no egress rule of mcp-access-group lets the task"
        " reach authsvc's tasks on port 9001",
    ),
    "a callee without ingress": (
        removed("mcp-access-to-authsvc-ingress"),
        "the connection to authsvc:9001 times out: no ingress rule of authsvc-access-group admits the task",
    ),
    "a callee on another port": (
        with_("mcp-access-to-authsvc-ingress", fromPort=9002, toPort=9002),
        "the connection to authsvc:9001 times out: no ingress rule",
    ),
    "a callee that admits another range": (
        with_("mcp-access-to-authsvc-ingress", referencedSecurityGroupId=None, cidrIpv4="10.21.0.0/16"),
        "the connection to authsvc:9001 times out: no ingress rule",
    ),
    "a database without ingress": (
        removed("authsvc-access-to-database-ingress"),
        "the connection to database-instance times out: no ingress rule of database-access-group admits the task",
    ),
    "a task without egress to its database": (
        removed("authsvc-access-to-database-egress"),
        "the connection to database-instance times out: no egress rule of authsvc-access-group",
    ),
    "a database on another port": (
        with_("database-instance", port=5433),
        "the connection to database-instance is refused: the secret names port 5432, not 5433",
    ),
    "a database without a group": (
        with_("database-instance", vpcSecurityGroupIds=[]),
        "the connection to database-instance times out: no egress rule of authsvc-access-group",
    ),
    "a database with another group": (
        referring("database-instance", "vpcSecurityGroupIds", "mcp-access-group", as_list=True),
        "the connection to database-instance times out",
    ),
    "a service with another group": (
        lambda world: mutate(
            world,
            "authsvc-service",
            lambda found: found["networkConfiguration"].update(
                securityGroups=[stored(world, "database-access-group").id]
            ),
        ),
        "unable to pull registry auth: no egress rule for port 443 to 0.0.0.0/0 in database-access-group",
    ),
}
VALUES: dict[str, tuple[Mutation, str]] = {
    "overlapping subnets": (
        with_("network-private-us-east-1a", cidrBlock="10.20.0.0/20"),
        "network-private-us-east-1a: InvalidSubnet.Conflict: The CIDR '10.20.0.0/20' conflicts with another subnet",
    ),
    "a subnet outside of the VPC": (
        with_("network-private-us-east-1a", cidrBlock="10.21.0.0/20"),
        "InvalidSubnet.Range",
    ),
    "a subnet of 8 addresses": (with_("network-private-us-east-1a", cidrBlock="10.20.128.0/29"), "InvalidSubnet.Range"),
    "a malformed subnet": (
        with_("network-private-us-east-1a", cidrBlock="10.20.300.0/20"),
        "This is not a valid CIDR block",
    ),
    "a subnet with host bits": (
        with_("network-private-us-east-1a", cidrBlock="10.20.128.1/20"),
        "not a valid CIDR block",
    ),
    "a zone of another region": (
        with_("network-private-us-east-1a", availabilityZone="eu-west-1a"),
        "Invalid Availability Zone",
    ),
    "the region as zone": (
        with_("network-private-us-east-1a", availabilityZone="us-east-1"),
        "Invalid Availability Zone",
    ),
    "a VPC of 2^24 addresses": (with_("network-vpc", cidrBlock="10.0.0.0/8"), "network-vpc: InvalidVpc.Range"),
    "a malformed VPC": (
        with_("network-vpc", cidrBlock="10.20.0.0"),
        "network-vpc: InvalidParameterValue: Value (10.20.0.0)",
    ),
    "another VPC range": (with_("network-vpc", cidrBlock="10.30.0.0/16"), "network-vpc has 10.30.0.0/16"),
    "two route tables of a subnet": (
        lambda world: referring("network-private-us-east-1b-routes", "subnetId", PRIVATE)(world),
        "Resource.AlreadyAssociated: the specified association",
    ),
    "two targets of a route": (
        changed("network-public", route(natGatewayId="nat-1")),
        "a route must have exactly one target, and one here has gatewayId and natGatewayId",
    ),
    "no target of a route": (
        changed("network-public", route(gatewayId=None)),
        "exactly one target, and one here has none",
    ),
    "no destination of a route": (changed("network-public", route(cidrBlock=None)), "exactly one destination"),
    "a malformed destination": (
        changed("network-public", route(cidrBlock="0.0.0.0/33")),
        "parameter destinationCidrBlock",
    ),
    "a route twice": (
        changed("network-public", lambda found: found["routes"].append(found["routes"][0])),
        "RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists",
    ),
    "a route to a gateway that does not exist": (
        changed("network-public", route(gatewayId="igw-1")),
        "network-public: InvalidInternetGatewayID.NotFound",
    ),
    "a route for addresses of the VPC": (
        changed("network-public", route(cidrBlock="10.20.0.0/20")),
        "is equal to or more specific than one of this VPC's CIDR blocks",
    ),
    "an unknown protocol": (
        with_("mcp-access-to-https-egress", ipProtocol="tpc"),
        "Invalid value 'tpc' for IP protocol",
    ),
    "inverted ports": (
        with_("mcp-access-to-https-egress", fromPort=444, toPort=443),
        "Invalid TCP/UDP port range (444:443)",
    ),
    "a port beyond 65535": (with_("mcp-access-to-https-egress", toPort=70000), "TCP/UDP port out of range"),
    "no ports": (
        with_("mcp-access-to-https-egress", fromPort=None),
        "Must specify both from and to ports with TCP/UDP",
    ),
    "a malformed range": (
        with_("mcp-access-to-https-egress", cidrIpv4="0.0.0.0/40"),
        "CIDR block 0.0.0.0/40 is malformed",
    ),
    "an address for a range": (
        with_("mcp-access-to-https-egress", cidrIpv4="10.0.0.1"),
        "CIDR block 10.0.0.1 is malformed",
    ),
    "two peers": (
        with_("mcp-access-to-https-egress", prefixListId="pl-1"),
        "InvalidParameterCombination: exactly one of",
    ),
    "a description with an apostrophe": (
        with_("mcp-access-to-https-egress", description="it's"),
        "Invalid rule description",
    ),
    "the name of a group's ID": (with_("mcp-access-group", name="sg-mcp"), "Invalid security group name: 'sg-mcp'"),
    "the reserved name": (with_("mcp-access-group", name="default"), "Cannot use reserved security group name"),
    "a long description": (with_("mcp-access-group", description="a" * 256), "Invalid security group description"),
    "an address of EC2-Classic": (with_("network-nat-address", domain="standard"), "it must be vpc"),
}
ADDRESSES: dict[str, tuple[Mutation, str]] = {
    "more tasks than addresses": (
        with_("mcp-service", desiredCount=5000),
        "mcp-service: InsufficientFreeAddressesInSubnet: network-private-us-east-1a, network-private-us-east-1b have",
    ),
    "a higher maximum than addresses": (
        with_("mcp-scaling-target", maxCapacity=5000),
        "mcp-service: InsufficientFreeAddressesInSubnet",
    ),
}
REFUSED = {**CONNECTIONS, **VALUES, **ADDRESSES}


@pytest.mark.parametrize(("mutation", "words"), REFUSED.values(), ids=REFUSED)
def test_a_change_of_a_connection_or_a_value_is_refused_for_its_cause(mutation: Mutation, words: str) -> None:
    world = deployed(**network("nat"))
    mutation(world)
    assert_refused(world, words)
