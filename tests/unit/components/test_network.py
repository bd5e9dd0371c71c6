from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from ecs import types
from tests.declared import REGION, Declared, declare
from tests.unit.components import build


def network(*zones: str, cidr: str = "10.20.0.0/16", egress: str = "nat") -> Declared:
    selected = zones or ("us-east-1a", "us-east-1b")
    return declare(lambda: build.network(zones=selected, cidr=IPv4Network(cidr), egress=egress))


def blocks(declared: Declared) -> dict[str, str]:
    return {
        name.removeprefix("network-"): subnet.inputs["cidrBlock"] for name, subnet in declared.of(types.SUBNET).items()
    }


def test_each_zone_has_a_public_and_a_private_subnet_of_one_sixteenth_of_the_vpc() -> None:
    assert blocks(network()) == {
        "public-us-east-1a": "10.20.0.0/20",
        "public-us-east-1b": "10.20.16.0/20",
        "private-us-east-1a": "10.20.128.0/20",
        "private-us-east-1b": "10.20.144.0/20",
    }


def test_the_smallest_vpc_has_subnets_of_27_the_minimum_for_a_load_balancer() -> None:
    assert blocks(network(cidr="10.20.0.0/23"))["private-us-east-1b"] == "10.20.1.32/27"


def test_appending_a_zone_keeps_the_cidr_blocks_of_the_others() -> None:
    two = blocks(network("us-east-1a", "us-east-1b"))
    three = blocks(network("us-east-1a", "us-east-1b", "us-east-1c"))
    assert {name: three[name] for name in two} == two


def test_no_subnet_assigns_public_addresses() -> None:
    assert not any(subnet.inputs.get("mapPublicIpOnLaunch") for subnet in network().of(types.SUBNET).values())


def test_public_subnets_route_to_the_internet_gateway_and_private_ones_to_the_nat_gateway() -> None:
    declared = network()
    internet = declared.one(types.INTERNET_GATEWAY, "network-internet").id
    nat = declared.one(types.NAT_GATEWAY, "network-nat").id
    assert declared.one(types.ROUTE_TABLE, "network-public").inputs["routes"] == [
        {"cidrBlock": "0.0.0.0/0", "gatewayId": internet}
    ]
    assert declared.one(types.ROUTE_TABLE, "network-private").inputs["routes"] == [
        {"cidrBlock": "0.0.0.0/0", "natGatewayId": nat}
    ]
    subnets = {subnet.id: name for name, subnet in declared.of(types.SUBNET).items()}
    tables = {table.id: name for name, table in declared.of(types.ROUTE_TABLE).items()}
    routed = {
        subnets[each.inputs["subnetId"]]: tables[each.inputs["routeTableId"]]
        for each in declared.of(types.ROUTE_TABLE_ASSOCIATION).values()
    }
    assert routed == {
        "network-public-us-east-1a": "network-public",
        "network-public-us-east-1b": "network-public",
        "network-private-us-east-1a": "network-private",
        "network-private-us-east-1b": "network-private",
    }


def test_the_nat_gateway_depends_on_the_internet_gateway() -> None:
    nat = network().one(types.NAT_GATEWAY, "network-nat")
    assert "network-internet" in [urn.rsplit("::", 1)[-1] for urn in nat.options.dependencies]


def test_s3_is_reached_from_private_subnets_without_the_nat_gateway() -> None:
    declared = network()
    endpoint = declared.one(types.VPC_ENDPOINT, "network-s3").inputs
    assert endpoint == {
        "vpcId": declared.one(types.VPC, "network-vpc").id,
        "serviceName": f"com.amazonaws.{REGION}.s3",
        "vpcEndpointType": "Gateway",
        "routeTableIds": [declared.one(types.ROUTE_TABLE, "network-private").id],
    }


def default_routes(declared: Declared) -> dict[str, str]:
    """The target of the default route of each subnet; `local` without one."""
    named = {
        each.id: each.name
        for each in declared.registrations
        if each.type in (types.NAT_GATEWAY, types.INTERNET_GATEWAY)
    }
    subnets = {subnet.id: name.removeprefix("network-") for name, subnet in declared.of(types.SUBNET).items()}
    routes = {table.id: table.inputs["routes"] for table in declared.of(types.ROUTE_TABLE).values()}
    return {
        subnets[each.inputs["subnetId"]]: "".join(
            named[route.get("gatewayId") or route["natGatewayId"]] for route in routes[each.inputs["routeTableId"]]
        )
        or "local"
        for each in declared.of(types.ROUTE_TABLE_ASSOCIATION).values()
    }


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
def test_egress_determines_the_default_route_of_the_private_subnets(egress: str, private: tuple[str, str]) -> None:
    declared = network(egress=egress)
    assert default_routes(declared) == {**PUBLIC, "private-us-east-1a": private[0], "private-us-east-1b": private[1]}
    assert sorted(declared.of(types.NAT_GATEWAY)) == sorted(set(private) - {"local"})


def test_each_nat_gateway_is_in_the_public_subnet_of_its_zone() -> None:
    declared = network(egress="nat-per-zone")
    subnets = {subnet.id: name for name, subnet in declared.of(types.SUBNET).items()}
    assert {name: subnets[nat.inputs["subnetId"]] for name, nat in declared.of(types.NAT_GATEWAY).items()} == {
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
def test_the_s3_endpoint_is_in_the_route_tables_of_the_task_subnets(egress: str, names: list[str]) -> None:
    declared = network(egress=egress)
    tables_by_id = {table.id: name.removeprefix("network-") for name, table in declared.of(types.ROUTE_TABLE).items()}
    endpoint = declared.one(types.VPC_ENDPOINT, "network-s3").inputs
    assert [tables_by_id[each] for each in endpoint["routeTableIds"]] == names


def test_endpoints_are_the_four_that_a_task_requires_to_start_in_every_zone_with_private_dns() -> None:
    declared = network(egress="endpoints")
    private = [declared.one(types.SUBNET, f"network-private-us-east-1{zone}").id for zone in "ab"]
    group = declared.one(types.SECURITY_GROUP, "network-endpoints-group").id
    interfaces = {
        name: endpoint.inputs
        for name, endpoint in declared.of(types.VPC_ENDPOINT).items()
        if endpoint.inputs["vpcEndpointType"] == "Interface"
    }
    assert interfaces == {
        f"network-{name.replace('.', '-')}": {
            "vpcId": declared.one(types.VPC, "network-vpc").id,
            "serviceName": f"com.amazonaws.{REGION}.{name}",
            "vpcEndpointType": "Interface",
            "subnetIds": private,
            "securityGroupIds": [group],
            "privateDnsEnabled": True,
        }
        for name in ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
    }
