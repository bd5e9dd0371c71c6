from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy.proxy import UNKNOWN_ARRAY_VALUE, UnknownValueError, unknown_checking_proxy

from ecs import types
from policy.network import (
    databases_and_subnets_give_no_public_address,
    ingress_is_declared_by_ingress_rules,
    routes_are_declared_in_route_tables,
    tasks_have_no_public_address,
    the_internet_reaches_only_the_load_balancer,
)
from policy.rule import Resource
from tests.unit.policy.resources import messages, resource, stack_messages


@pytest.mark.parametrize(
    ("type", "key", "message"),
    [
        (
            types.DB_INSTANCE,
            "publiclyAccessible",
            "the database has a public address. Set publicly_accessible to False.",
        ),
        (
            types.SUBNET,
            "mapPublicIpOnLaunch",
            "the subnet assigns public addresses by default. Set map_public_ip_on_launch to False.",
        ),
    ],
)
def test_a_resource_that_gives_public_addresses_is_a_violation(type: str, key: str, message: str) -> None:
    assert messages(databases_and_subnets_give_no_public_address, resource(type)) == []
    assert messages(databases_and_subnets_give_no_public_address, resource(type, props={key: False})) == []
    assert messages(databases_and_subnets_give_no_public_address, resource(type, props={key: True})) == [message]


FIX = "Set assign_public_ip to False, or set `network.egress` of the stack to public."
VPC = resource(types.VPC, "vpc")
INTERNET = resource(types.INTERNET_GATEWAY, "internet", uses={"vpcId": [VPC]})
NAT = resource(types.NAT_GATEWAY, "nat")
TRANSIT = resource("aws:ec2transitgateway/transitGateway:TransitGateway", "transit")
PUBLIC = resource(types.SUBNET, "public", uses={"vpcId": [VPC]})
PRIVATE = resource(types.SUBNET, "private", uses={"vpcId": [VPC]})
S3 = resource(types.VPC_ENDPOINT, "s3", {"vpcEndpointType": "Gateway"})
LOGS = resource(types.VPC_ENDPOINT, "logs", {"vpcEndpointType": "Interface"})


def table(name: str, subnet: Resource, *targets: Resource, **route: str) -> list[Resource]:
    """A route table with these targets, and its association with the subnet."""
    routes = resource(
        types.ROUTE_TABLE,
        f"{name}-table",
        {"routes": [{"cidrBlock": "0.0.0.0/0", **route}] if route else []},
        uses={"routes": targets, "vpcId": [VPC]},
    )
    association = resource(
        types.ROUTE_TABLE_ASSOCIATION, f"{name}-routes", uses={"subnetId": [subnet], "routeTableId": [routes]}
    )
    return [routes, association]


NETWORK = [VPC, INTERNET, PUBLIC, PRIVATE, S3, *table("public", PUBLIC, INTERNET)]
"""Without the private route table, which depends on `network.egress`."""
ISOLATED = table("private", PRIVATE)


def service(*subnets: Resource, assign: bool) -> Resource:
    group = resource(types.SECURITY_GROUP, "mcp-group")
    configuration = {"networkConfiguration": {"assignPublicIp": assign}}
    return resource(types.SERVICE, "mcp", configuration, uses={"networkConfiguration": [*subnets, group]})


@pytest.mark.parametrize(
    ("network", "mcp"),
    [
        ([*NETWORK, *ISOLATED], service(PUBLIC, assign=True)),
        ([*NETWORK, *ISOLATED, LOGS], service(PRIVATE, assign=False)),
        ([*NETWORK, NAT, *table("private", PRIVATE, NAT)], service(PRIVATE, assign=False)),
        ([*NETWORK, TRANSIT, *table("private", PRIVATE, TRANSIT)], service(PRIVATE, assign=False)),
    ],
    ids=["public", "endpoints", "nat", "transit-gateway"],
)
def test_each_egress_mode_passes(network: list[Resource], mcp: Resource) -> None:
    assert stack_messages(tasks_have_no_public_address, [*network, mcp]) == []


@pytest.mark.parametrize("subnet", [PUBLIC, PRIVATE], ids=["public-subnet", "private-subnet"])
@pytest.mark.parametrize(
    ("private", "name"),
    [
        ([*ISOLATED, LOGS], "logs"),
        ([NAT, *table("private", PRIVATE, NAT)], "nat"),
        ([TRANSIT, *table("private", PRIVATE, TRANSIT)], "transit"),
    ],
    ids=["endpoints", "nat", "transit-gateway"],
)
def test_a_public_address_in_a_stack_with_private_connectivity_is_a_violation(
    private: list[Resource], name: str, subnet: Resource
) -> None:
    finding = f"its tasks have public addresses, but the stack has private connectivity through {name}"
    assert stack_messages(tasks_have_no_public_address, [*NETWORK, *private, service(subnet, assign=True)]) == [
        ("mcp", f"{finding}. {FIX}")
    ]


def test_a_public_address_in_a_stack_that_routes_to_the_transit_gateway_of_another_is_a_violation() -> None:
    private = table("private", PRIVATE, natGatewayId="", transitGatewayId="tgw-0123")
    assert stack_messages(tasks_have_no_public_address, [*NETWORK, *private, service(PUBLIC, assign=True)]) == [
        ("mcp", f"its tasks have public addresses, but the stack has private connectivity through tgw-0123. {FIX}")
    ]


def test_a_nat_gateway_that_nothing_routes_to_is_no_private_connectivity() -> None:
    resources = [*NETWORK, *ISOLATED, NAT, service(PUBLIC, assign=True)]
    assert stack_messages(tasks_have_no_public_address, resources) == []


def test_a_route_within_the_vpc_is_no_private_connectivity() -> None:
    local = table("private", PRIVATE, VPC, gatewayId="local")
    assert stack_messages(tasks_have_no_public_address, [*NETWORK, *local, service(PUBLIC, assign=True)]) == []


@pytest.mark.parametrize(
    ("network", "finding"),
    [
        ([*NETWORK, *ISOLATED], "no route to an internet gateway from private (route table private-table)"),
        (NETWORK, "no route to an internet gateway from private (no associated route table)"),
    ],
    ids=["without-route", "without-table"],
)
def test_a_public_address_in_a_subnet_without_a_route_to_an_internet_gateway_is_a_violation(
    network: list[Resource], finding: str
) -> None:
    message = f"its tasks have public addresses, but {finding}. {FIX}"
    assert stack_messages(tasks_have_no_public_address, [*network, service(PRIVATE, assign=True)]) == [("mcp", message)]
    assert stack_messages(tasks_have_no_public_address, [*network, service(PUBLIC, PRIVATE, assign=True)]) == [
        ("mcp", message)
    ], "one of two subnets is enough"


def test_a_public_address_in_a_subnet_of_another_stack_is_a_violation() -> None:
    assert stack_messages(tasks_have_no_public_address, [*NETWORK, *ISOLATED, service(assign=True)]) == [
        (
            "mcp",
            "its tasks have public addresses, but its subnets are not in this stack, so their routes are unknown."
            f" {FIX}",
        )
    ]


def test_routes_that_a_preview_does_not_know_are_read_after_everything_else() -> None:
    """To read an unknown value ends a rule, and would hide the violations that are known by URN."""
    unknown = resource(types.ROUTE_TABLE, "unknown", unknown_checking_proxy({"routes": UNKNOWN_ARRAY_VALUE}))
    violations = tasks_have_no_public_address.violations(
        [*NETWORK, *ISOLATED, unknown, service(PUBLIC, assign=True), service(PRIVATE, assign=True)]
    )
    violating, _ = next(violations)
    assert PRIVATE.urn in violating.uses["networkConfiguration"]
    with pytest.raises(UnknownValueError):
        next(violations)


OUTER = resource(types.SECURITY_GROUP, "balancer-group")
INNER = resource(types.SECURITY_GROUP, "mcp-group")
BALANCER = resource(types.LOAD_BALANCER, "balancer", uses={"securityGroups": [OUTER]})
MCP = resource(types.SERVICE, "mcp", uses={"networkConfiguration": [INNER]})


def ingress(group: Resource, **peer: str) -> Resource:
    return resource(types.INGRESS_RULE, "ingress", peer, uses={"securityGroupId": [group]})


@pytest.mark.parametrize(
    "rule",
    [
        ingress(OUTER, cidrIpv4="0.0.0.0/0"),
        ingress(OUTER, cidrIpv6="::/0"),
        ingress(INNER, referencedSecurityGroupId="sg-1"),
        ingress(INNER, cidrIpv4="10.20.0.0/16"),
        ingress(INNER, cidrIpv6="fd00::/8"),
    ],
)
def test_ingress_from_the_internet_to_the_load_balancer_and_from_private_addresses_passes(rule: Resource) -> None:
    assert stack_messages(the_internet_reaches_only_the_load_balancer, [OUTER, INNER, BALANCER, MCP, rule]) == []


@pytest.mark.parametrize("cidr", ["0.0.0.0/0", "198.51.100.0/24", "10.0.0.0/7"])
def test_ingress_from_public_addresses_to_a_service_is_a_violation(cidr: str) -> None:
    resources = [OUTER, INNER, BALANCER, MCP, ingress(INNER, cidrIpv4=cidr)]
    assert stack_messages(the_internet_reaches_only_the_load_balancer, resources) == [
        ("ingress", f"lets {cidr} reach more than the load balancer. Name a security group as the peer.")
    ]


def test_ingress_from_the_internet_to_a_security_group_of_another_stack_is_a_violation() -> None:
    rule = resource(types.INGRESS_RULE, "ingress", {"cidrIpv4": "0.0.0.0/0", "securityGroupId": "sg-0123"})
    assert stack_messages(the_internet_reaches_only_the_load_balancer, [OUTER, BALANCER, rule]) == [
        ("ingress", "lets 0.0.0.0/0 reach more than the load balancer. Name a security group as the peer.")
    ]


@pytest.mark.parametrize(
    ("type", "key"),
    [
        (types.SERVICE, "networkConfiguration"),
        (types.DB_INSTANCE, "vpcSecurityGroupIds"),
        (types.VPC_ENDPOINT, "securityGroupIds"),
    ],
)
def test_a_resource_that_shares_the_load_balancers_security_group_is_a_violation(type: str, key: str) -> None:
    resources = [OUTER, BALANCER, resource(type, uses={key: [OUTER]}), ingress(OUTER, cidrIpv6="::/0")]
    assert stack_messages(the_internet_reaches_only_the_load_balancer, resources) == [
        ("ingress", "lets ::/0 reach more than the load balancer. Name a security group as the peer.")
    ]


@pytest.mark.parametrize(
    ("type", "props"),
    [
        (types.SECURITY_GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}),
        (types.SECURITY_GROUP_RULE, {"type": "ingress", "cidrBlocks": ["0.0.0.0/0"]}),
    ],
)
def test_ingress_without_an_ingress_rule_is_a_violation(type: str, props: dict[str, Any]) -> None:
    assert messages(ingress_is_declared_by_ingress_rules, resource(type)) == []
    assert messages(ingress_is_declared_by_ingress_rules, resource(type, props=props)) == [
        "allows ingress without a SecurityGroupIngressRule. Use components.security_group.SecurityGroup."
    ]


def test_a_route_outside_of_its_route_table_is_a_violation() -> None:
    """The rule on public addresses would not see where it leads."""
    assert messages(routes_are_declared_in_route_tables, resource(types.ROUTE)) == [
        "the route is a resource of its own. Declare it in `routes` of the RouteTable."
    ]
