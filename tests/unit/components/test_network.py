from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from tests.declared import REGION, Declared, declare
from tests.unit.components import build

SUBNET = "aws:ec2/subnet:Subnet"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"


def network(*zones: str, cidr: str = "10.20.0.0/16", egress: str = "nat") -> Declared:
    chosen = zones or ("us-east-1a", "us-east-1b")
    return declare(lambda: build.network(zones=chosen, cidr=IPv4Network(cidr), egress=egress))


def blocks(declared: Declared) -> dict[str, str]:
    return {name.removeprefix("network-"): subnet.inputs["cidrBlock"] for name, subnet in declared.of(SUBNET).items()}


def test_each_zone_has_a_public_and_a_private_subnet_of_a_sixteenth_each() -> None:
    assert blocks(network()) == {
        "public-us-east-1a": "10.20.0.0/20",
        "public-us-east-1b": "10.20.16.0/20",
        "private-us-east-1a": "10.20.128.0/20",
        "private-us-east-1b": "10.20.144.0/20",
    }


def test_the_smallest_range_gives_subnets_of_the_27_that_a_load_balancer_wants() -> None:
    assert blocks(network(cidr="10.20.0.0/23"))["private-us-east-1b"] == "10.20.1.32/27"


def test_a_zone_that_is_appended_renumbers_nothing() -> None:
    two = blocks(network("us-east-1a", "us-east-1b"))
    three = blocks(network("us-east-1a", "us-east-1b", "us-east-1c"))
    assert {name: three[name] for name in two} == two


def test_no_subnet_gives_out_public_addresses() -> None:
    assert not any(subnet.inputs.get("mapPublicIpOnLaunch") for subnet in network().of(SUBNET).values())


def test_public_subnets_lead_to_the_internet_gateway_and_private_ones_to_the_nat_gateway() -> None:
    declared = network()
    internet = declared.one("aws:ec2/internetGateway:InternetGateway", "network-internet").id
    nat = declared.one("aws:ec2/natGateway:NatGateway", "network-nat").id
    assert declared.one(ROUTE_TABLE, "network-public").inputs["routes"] == [
        {"cidrBlock": "0.0.0.0/0", "gatewayId": internet}
    ]
    assert declared.one(ROUTE_TABLE, "network-private").inputs["routes"] == [
        {"cidrBlock": "0.0.0.0/0", "natGatewayId": nat}
    ]
    subnets = {subnet.id: name for name, subnet in declared.of(SUBNET).items()}
    tables = {table.id: name for name, table in declared.of(ROUTE_TABLE).items()}
    routed = {
        subnets[each.inputs["subnetId"]]: tables[each.inputs["routeTableId"]]
        for each in declared.of(ASSOCIATION).values()
    }
    assert routed == {
        "network-public-us-east-1a": "network-public",
        "network-public-us-east-1b": "network-public",
        "network-private-us-east-1a": "network-private",
        "network-private-us-east-1b": "network-private",
    }


def test_the_nat_gateway_waits_for_the_internet_gateway() -> None:
    nat = network().one("aws:ec2/natGateway:NatGateway", "network-nat")
    assert "network-internet" in [urn.rsplit("::", 1)[-1] for urn in nat.options.dependencies]


def test_s3_is_reached_from_private_subnets_without_the_nat_gateway() -> None:
    declared = network()
    endpoint = declared.one("aws:ec2/vpcEndpoint:VpcEndpoint", "network-s3").inputs
    assert endpoint == {
        "vpcId": declared.one("aws:ec2/vpc:Vpc", "network-vpc").id,
        "serviceName": f"com.amazonaws.{REGION}.s3",
        "vpcEndpointType": "Gateway",
        "routeTableIds": [declared.one(ROUTE_TABLE, "network-private").id],
    }


def tables(declared: Declared) -> dict[str, str]:
    """By subnet, what its default route leads to; local for none."""
    named = {each.id: each.name for each in declared.registrations if each.type in (NAT, INTERNET_GATEWAY)}
    subnets = {subnet.id: name.removeprefix("network-") for name, subnet in declared.of(SUBNET).items()}
    routes = {table.id: table.inputs["routes"] for table in declared.of(ROUTE_TABLE).values()}
    return {
        subnets[each.inputs["subnetId"]]: "".join(
            named[route.get("gatewayId") or route["natGatewayId"]] for route in routes[each.inputs["routeTableId"]]
        )
        or "local"
        for each in declared.of(ASSOCIATION).values()
    }


NAT = "aws:ec2/natGateway:NatGateway"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
PUBLIC = {"public-us-east-1a": "network-internet", "public-us-east-1b": "network-internet"}


@pytest.mark.parametrize(
    ("egress", "private"),
    [
        ("public", ("local", "local")),
        ("endpoints", ("local", "local")),
        ("nat", ("network-nat", "network-nat")),
        ("nat-per-zone", ("network-nat-us-east-1a", "network-nat-us-east-1b")),
    ],
)
def test_the_way_out_of_the_private_subnets_is_what_egress_says(egress: str, private: tuple[str, str]) -> None:
    declared = network(egress=egress)
    assert tables(declared) == {**PUBLIC, "private-us-east-1a": private[0], "private-us-east-1b": private[1]}
    assert sorted(declared.of(NAT)) == sorted(set(private) - {"local"})


def test_each_nat_gateway_lies_in_the_public_subnet_of_its_zone() -> None:
    declared = network(egress="nat-per-zone")
    subnets = {subnet.id: name for name, subnet in declared.of(SUBNET).items()}
    assert {name: subnets[nat.inputs["subnetId"]] for name, nat in declared.of(NAT).items()} == {
        "network-nat-us-east-1a": "network-public-us-east-1a",
        "network-nat-us-east-1b": "network-public-us-east-1b",
    }


@pytest.mark.parametrize(
    ("egress", "names"),
    [
        ("public", ["public"]),
        ("nat-per-zone", ["private-us-east-1a", "private-us-east-1b"]),
        ("endpoints", ["private"]),
    ],
)
def test_s3_is_reached_directly_from_wherever_tasks_run(egress: str, names: list[str]) -> None:
    declared = network(egress=egress)
    tables_by_id = {table.id: name.removeprefix("network-") for name, table in declared.of(ROUTE_TABLE).items()}
    endpoint = declared.one("aws:ec2/vpcEndpoint:VpcEndpoint", "network-s3").inputs
    assert [tables_by_id[each] for each in endpoint["routeTableIds"]] == names


def test_endpoints_are_the_four_that_a_task_needs_before_it_runs_in_every_zone_under_their_own_names() -> None:
    declared = network(egress="endpoints")
    private = [declared.one(SUBNET, f"network-private-us-east-1{zone}").id for zone in "ab"]
    group = declared.one("aws:ec2/securityGroup:SecurityGroup", "network-endpoints-group").id
    interfaces = {
        name: endpoint.inputs
        for name, endpoint in declared.of("aws:ec2/vpcEndpoint:VpcEndpoint").items()
        if endpoint.inputs["vpcEndpointType"] == "Interface"
    }
    assert interfaces == {
        f"network-{name.replace('.', '-')}": {
            "vpcId": declared.one("aws:ec2/vpc:Vpc", "network-vpc").id,
            "serviceName": f"com.amazonaws.{REGION}.{name}",
            "vpcEndpointType": "Interface",
            "subnetIds": private,
            "securityGroupIds": [group],
            "privateDnsEnabled": True,
        }
        for name in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
    }
