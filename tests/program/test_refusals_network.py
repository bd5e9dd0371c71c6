"""Changes of routes and endpoints, and the causes for which the simulated cloud refuses them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.program.mutations import (
    Mutation,
    assert_refused,
    changed,
    deployed,
    mutate,
    refusals,
    removed,
    stored,
    with_,
)
from tests.program.network_changes import network, policy, private_subnet, referring, route

PRIVATE = "network-private-us-east-1a"
NO_LAYERS = policy(Resource="arn:aws:s3:::marginalia-content-test/*")
BLACKHOLE = "it does not exist"

REFUSED: dict[str, dict[str, tuple[Mutation, str]]] = {
    "public": {
        "a public table without a route": (
            with_("network-public", routes=[]),
            "mcp-service: ResourceInitializationError: unable to pull registry auth:"
            " network-public-us-east-1a has no route"
            " out (network-public has no route to 0.0.0.0/0)",
        ),
        "a route to a part of the internet": (
            changed("network-public", route(cidrBlock="10.0.0.0/8")),
            "network-public has no route to 0.0.0.0/0",
        ),
        "a subnet without a route table": (
            removed("network-public-us-east-1a-routes"),
            "network-public-us-east-1a has no route out (no route table is associated with it)",
        ),
        "an internet gateway that is gone": (removed("network-internet"), "is a blackhole"),
        "an unattached internet gateway": (with_("network-internet", vpcId=None), "is a blackhole"),
        "tasks without a public address": (with_("mcp-service", networkConfiguration={}), "subnets is required"),
        "a VPC without DNS": (with_("network-vpc", enableDnsSupport=False), "its enableDnsSupport is false"),
        "no egress rule": (
            removed("mcp-access-to-https-egress"),
            "no egress rule for port 443 to 0.0.0.0/0 in mcp-access",
        ),
        "egress on another port": (
            with_("mcp-access-to-https-egress", fromPort=80, toPort=80),
            "no egress rule for port 443",
        ),
        "egress of another protocol": (
            with_("mcp-access-to-https-egress", ipProtocol="udp"),
            "no egress rule for port 443",
        ),
        "egress to the VPC": (
            with_("mcp-access-to-https-egress", cidrIpv4="10.20.0.0/16"),
            "no egress rule for port 443",
        ),
        "a policy of S3 without the layers": (
            with_("network-s3", policy=NO_LAYERS),
            "has no reachable endpoint for s3 (the policy of network-s3 does not allow s3:GetObject",
        ),
    },
    "nat": {
        "a private table without a route": (
            with_("network-private", routes=[]),
            "network-private has no route to 0.0.0.0/0",
        ),
        "a route to the internet gateway": (
            lambda world: mutate(
                world, "network-private", route(natGatewayId=None, gatewayId=stored(world, "network-internet").id)
            ),
            "which a task without a public address cannot use",
        ),
        "a NAT gateway in a private subnet": (
            referring("network-nat", "subnetId", PRIVATE),
            "the NAT gateway network-nat in network-private-us-east-1a, which has no route to an internet gateway",
        ),
        "a private NAT gateway": (
            with_("network-nat", connectivityType="private", allocationId=None),
            "whose connectivityType is private",
        ),
        "a private NAT gateway with an address": (
            with_("network-nat", connectivityType="private"),
            "network-nat: InvalidParameter: You cannot specify an Elastic IP address",
        ),
        "a NAT gateway without an address": (
            with_("network-nat", allocationId=None),
            "network-nat: MissingParameter: a public NAT gateway needs an allocationId",
        ),
        "a NAT gateway that is gone": (removed("network-nat"), BLACKHOLE),
        "a public subnet without a route": (
            removed("network-public-us-east-1a-routes"),
            "network-nat in network-public-us-east-1a, which has no route to an internet gateway",
        ),
        "a public table without a route": (
            with_("network-public", routes=[]),
            "which has no route to an internet gateway",
        ),
        "an unattached internet gateway": (with_("network-internet", vpcId=None), "Gateway.NotAttached"),
        "a private subnet in the public table": (
            referring("network-private-us-east-1b-routes", "routeTableId", "network-public"),
            "network-private-us-east-1b has no route out (its route leads to the internet gateway network-internet",
        ),
    },
    "nat-per-zone": {
        "one NAT gateway in a private subnet": (
            lambda world: with_("network-nat-us-east-1b", subnetId=private_subnet(world))(world),
            "network-private-us-east-1b has no route out (its route leads to the NAT gateway network-nat-us-east-1b",
        ),
        "one address for two": (
            referring("network-nat-us-east-1b", "allocationId", "network-nat-us-east-1a-address"),
            "network-nat-us-east-1b: Resource.AlreadyAssociated: Elastic IP address",
        ),
        "one NAT gateway that is gone": (
            removed("network-nat-us-east-1b"),
            "network-private-us-east-1b has no route out (its route to the NAT gateway",
        ),
    },
    "endpoints": {
        **{
            f"no endpoint of {service}": (
                removed(f"network-{service.replace('.', '-')}"),
                f"has no route out (network-private has no route to 0.0.0.0/0) and no reachable endpoint for {service}",
            )
            for service in ("ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3")
        },
        "no private DNS": (
            with_("network-logs", privateDnsEnabled=False),
            "logs (network-logs has no private DNS name)",
        ),
        "no subnets": (with_("network-logs", subnetIds=[]), "logs (network-logs has no subnet)"),
        "no security group": (
            with_("network-logs", securityGroupIds=[]),
            "no egress rule of mcp-access-group lets the task reach network-logs on port 443",
        ),
        "another region": (
            with_("network-logs", serviceName="com.amazonaws.eu-west-1.logs"),
            "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.eu-west-1.logs' does not exist in us-east-1",
        ),
        "another service": (
            with_("network-logs", serviceName="com.amazonaws.us-east-1.monitoring"),
            "endpoint for logs",
        ),
        "a gateway for an interface": (
            with_("network-logs", vpcEndpointType="Gateway"),
            "InvalidParameter: Endpoint type (Gateway) does not match",
        ),
        "a gateway without tables": (
            with_("network-s3", routeTableIds=[]),
            "s3 (network-s3 is not in its route table)",
        ),
        "a gateway in the public table": (
            referring("network-s3", "routeTableIds", "network-public", as_list=True),
            "s3 (network-s3 is not in its route table)",
        ),
        "a group that admits nobody": (
            removed("mcp-access-to-endpoints-ingress"),
            "no ingress rule of network-endpoints-group admits the task to network-ecr-api on port 443",
        ),
        "a group that admits another port": (
            with_("mcp-access-to-endpoints-ingress", fromPort=80, toPort=80),
            "no ingress rule of network-endpoints-group admits the task",
        ),
        "no egress to the endpoints": (
            removed("mcp-access-to-endpoints-egress"),
            "no egress rule of mcp-access-group lets the task reach network-ecr-api on port 443",
        ),
        "no egress to S3": (
            removed("mcp-access-to-s3-egress"),
            "no egress rule of mcp-access-group lets the task reach network-s3",
        ),
        "another prefix list": (
            with_("mcp-access-to-s3-egress", prefixListId="pl-12345678"),
            "mcp-access-to-s3-egress: InvalidPrefixListID.NotFound: The prefix list ID 'pl-12345678' does not exist",
        ),
        "a VPC without DNS": (with_("network-vpc", enableDnsSupport=False), "Enabling private DNS requires both"),
        "a VPC without DNS hostnames": (
            with_("network-vpc", enableDnsHostnames=False),
            "Enabling private DNS requires both",
        ),
        "a policy without the log group": (
            with_("network-logs", policy=policy(Action="logs:DescribeLogGroups")),
            "logs (the policy of network-logs does not allow logs:CreateLogStream",
        ),
        "a policy without the layers": (
            with_("network-s3", policy=NO_LAYERS),
            "s3:GetObject on arn:aws:s3:::prod-us-east-1-starport",
        ),
        "a policy that denies": (
            with_("network-secretsmanager", policy=policy(Effect="Deny")),
            "secretsmanager:GetSecretValue",
        ),
        "a policy that is no JSON": (with_("network-logs", policy="{"), "network-logs: InvalidPolicyDocument"),
        "two subnets of a zone": (
            lambda world: mutate(
                world,
                "network-logs",
                lambda found: found["subnetIds"].append(stored(world, "network-public-us-east-1a").id),
            ),
            "network-logs: DuplicateSubnetsInSameZone",
        ),
        "a service that AWS does not have": (
            with_("network-logs", serviceName="logs"),
            "network-logs: InvalidServiceName: The Vpc Endpoint Service 'logs' does not exist",
        ),
        "a subnet without a range": (
            with_("network-private-us-east-1a", cidrBlock=None),
            "network-private-us-east-1a: MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided",
        ),
        "an association of nothing": (
            with_("network-private-us-east-1a-routes", subnetId=None),
            "network-private-us-east-1a-routes: InvalidParameterCombination: an association has either",
        ),
        "a tag that is no text": (
            with_("network-vpc", tags={"Name": ["a"]}),
            "network-vpc: InvalidParameterValue: tags.Name is a list, not text",
        ),
        "a tag that is too long": (
            with_("network-vpc", tags={"Name": "x" * 257}),
            "network-vpc: InvalidParameterValue: the value of the tag 'Name' is invalid",
        ),
        "two endpoints of a service": (
            with_("network-logs", serviceName="com.amazonaws.us-east-1.ecr.api"),
            "private-dns-enabled cannot be set because there is already a conflicting DNS domain",
        ),
        "route tables of an interface": (
            referring("network-logs", "routeTableIds", "network-private", as_list=True),
            "network-logs: InvalidParameter: a Interface endpoint has no routeTableIds",
        ),
        "subnets of a gateway": (
            referring("network-s3", "subnetIds", PRIVATE, as_list=True),
            "network-s3: InvalidParameter: a Gateway endpoint has no subnetIds",
        ),
    },
}

CASES = [
    pytest.param(egress, mutation, words, id=f"{egress}: {name}")
    for egress, cases in REFUSED.items()
    for name, (mutation, words) in cases.items()
]


@pytest.mark.parametrize(("egress", "mutation", "words"), CASES)
def test_a_change_of_routes_or_endpoints_is_refused_for_its_cause(egress: str, mutation: Mutation, words: str) -> None:
    world = deployed(**network(egress))
    mutation(world)
    assert_refused(world, words)


ACCEPTED: Mapping[str, tuple[str, Mutation]] = {
    "a rule for all protocols": (
        "nat",
        with_("mcp-access-to-https-egress", ipProtocol="-1", fromPort=None, toPort=None),
    ),
    "a range of ports": ("nat", with_("mcp-access-to-authsvc-ingress", fromPort=9000, toPort=9010)),
    "a range for a group": (
        "nat",
        with_("mcp-access-to-authsvc-ingress", referencedSecurityGroupId=None, cidrIpv4="10.20.128.0/17"),
    ),
    "a protocol by number": ("nat", with_("mcp-access-to-authsvc-egress", ipProtocol="6")),
    "a policy for the log groups of the services": (
        "endpoints",
        with_("network-logs", policy=policy(Action="logs:*", Resource="arn:aws:logs:us-east-1:*:log-group:/ecs/*")),
    ),
    "endpoints in the public subnets": (
        "endpoints",
        lambda world: with_(
            "network-logs",
            subnetIds=[stored(world, f"network-public-us-east-1{zone}").id for zone in "ab"],
        )(world),
    ),
    "a policy that allows everything": ("endpoints", with_("network-logs", policy=policy())),
    "endpoints in one subnet": (
        "endpoints",
        referring("network-logs", "subnetIds", PRIVATE, as_list=True),
    ),
    "another zone letter": ("public", with_("network-private-us-east-1a", availabilityZone="us-east-1f")),
    "a public address behind a NAT gateway": (
        "nat",
        changed("mcp-service", lambda found: found["networkConfiguration"].update(assignPublicIp=True)),
    ),
}


@pytest.mark.parametrize(("egress", "mutation"), ACCEPTED.values(), ids=ACCEPTED)
def test_a_change_of_the_network_that_works_is_accepted(egress: str, mutation: Mutation) -> None:
    world = deployed(**network(egress))
    mutation(world)
    assert refusals(world) == []
