from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.cloud import INTERRUPTED
from tests.unit.simulator.world import World, network


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (
            "10.0.0.0/20",
            "InvalidSubnet.Conflict: The CIDR '10.0.0.0/20' conflicts with another subnet: subnet-a has 10.0.0.0/20",
        ),
        (
            "10.0.8.0/24",
            "InvalidSubnet.Conflict: The CIDR '10.0.8.0/24' conflicts with another subnet: subnet-a has 10.0.0.0/20",
        ),
        ("10.1.0.0/20", "InvalidSubnet.Range: The CIDR '10.1.0.0/20' is invalid: vpc has 10.0.0.0/16"),
    ],
    ids=["same", "within-another", "outside-of-the-vpc"],
)
def test_a_subnet_that_overlaps_another_or_is_outside_of_its_vpc_is_rejected(
    world: World, block: str, message: str
) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    vpc, _ = network(world)
    assert world.rejection(types.SUBNET, vpcId=vpc.id, cidrBlock=block, availabilityZone="us-east-1a") == message


def test_a_subnet_that_an_interrupted_update_created_is_rejected_with_what_settles_it(world: World) -> None:
    _, subnets = network(world)
    assert world.rejection(types.SUBNET, subnets[0].urn, **subnets[0].properties).endswith(f"10.0.0.0/20{INTERRUPTED}")


def test_a_subnet_next_to_the_others_or_in_another_vpc_is_accepted(world: World) -> None:
    vpc, subnets = network(world)
    other = world.create(types.VPC, "other", cidrBlock="10.0.0.0/16")
    for name, parent, block in (("next", vpc, "10.0.32.0/20"), ("other-vpc", other, "10.0.0.0/20")):
        assert world.create(types.SUBNET, name, vpcId=parent.id, cidrBlock=block, availabilityZone="us-east-1a")
    assert world.update(subnets[0], mapPublicIpOnLaunch=True)  # it does not conflict with itself


def test_a_subnet_in_a_zone_of_another_region_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"""
    vpc, _ = network(world)
    assert world.rejection(types.SUBNET, vpcId=vpc.id, cidrBlock="10.0.32.0/20", availabilityZone="eu-west-1a") == (
        "InvalidParameterValue: Invalid Availability Zone (eu-west-1a): it is not a zone of us-east-1"
    )


def test_a_nat_gateway_in_a_network_without_an_internet_gateway_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"""
    vpc, subnets = network(world)
    address = world.create(types.EIP, domain="vpc")
    inputs = {"allocationId": address.id, "subnetId": subnets[0].id}
    assert world.rejection(types.NAT_GATEWAY, **inputs) == (
        f"Gateway.NotAttached: network {vpc.id} has no internet gateway attached"
    )
    world.create(types.INTERNET_GATEWAY, vpcId=vpc.id)
    assert world.create(types.NAT_GATEWAY, **inputs)


def rule(world: World, **changes: Any) -> dict[str, Any]:
    """The inputs of an HTTPS rule of a new security group."""
    vpc, _ = network(world)
    group = world.create(types.SECURITY_GROUP, vpcId=vpc.id).id
    return {"securityGroupId": group, "ipProtocol": "tcp", "fromPort": 443, "toPort": 443, **changes}


@pytest.mark.parametrize("peers", [{}, {"cidrIpv4": "10.0.0.0/16", "cidrIpv6": "::/0"}], ids=["none", "two"])
def test_a_rule_without_exactly_one_peer_is_rejected(world: World, peers: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"""
    assert world.rejection(types.EGRESS_RULE, **rule(world, **peers)) == (
        "InvalidParameterCombination: exactly one of cidrIpv4, cidrIpv6, prefixListId, referencedSecurityGroupId"
    )


def test_a_second_rule_that_differs_only_in_its_description_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    https = rule(world, cidrIpv4="10.0.0.0/16")
    world.create(types.EGRESS_RULE, "first", **https)
    assert world.rejection(types.EGRESS_RULE, "second", **{**https, "description": "another description"}) == (
        "InvalidPermission.Duplicate: first is the same rule"
    )


@pytest.mark.parametrize("change", [{"cidrIpv4": "10.1.0.0/16"}, {"toPort": 444}, {"ipProtocol": "udp"}])
def test_a_rule_with_another_cidr_port_or_protocol_is_accepted(world: World, change: dict[str, Any]) -> None:
    https = rule(world, cidrIpv4="10.0.0.0/16")
    world.create(types.EGRESS_RULE, "first", **https)
    assert world.create(types.EGRESS_RULE, "second", **{**https, **change})


def test_the_same_rule_is_accepted_for_ingress_and_egress(world: World) -> None:
    https = rule(world, cidrIpv4="10.0.0.0/16")
    assert world.create(types.EGRESS_RULE, **https)
    assert world.create(types.INGRESS_RULE, **https)


def test_a_security_group_description_with_an_apostrophe_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    vpc, _ = network(world)
    assert world.rejection(types.SECURITY_GROUP, vpcId=vpc.id, name="access", description="Marginalia's") == (
        'InvalidParameterValue: Invalid security group description: "Marginalia\'s"'
    )


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        ("com.amazonaws.us-east-1.logs", "Interface"),
        ("com.amazonaws.us-east-1.s3express", "Gateway"),
        ("com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0", "Interface"),
        ("com.amazonaws.iam", "Interface"),
        ("com.amazonaws.s3-global.accesspoint", "Interface"),
        ("api.aws.us-east-1.cassandra-streams", "Interface"),
    ],
)
def test_an_endpoint_of_a_service_that_aws_has_is_accepted(world: World, service: str, kind: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""
    vpc, _ = network(world)
    assert world.create(types.VPC_ENDPOINT, vpcId=vpc.id, serviceName=service, vpcEndpointType=kind)


def test_an_endpoint_of_another_region_needs_its_service_region(world: World) -> None:
    vpc, _ = network(world)
    inputs = {"vpcId": vpc.id, "serviceName": "com.amazonaws.us-gov-east-1.logs", "vpcEndpointType": "Interface"}
    assert world.rejection(types.VPC_ENDPOINT, **inputs) == (
        "InvalidServiceName: The Vpc Endpoint Service 'com.amazonaws.us-gov-east-1.logs' does not exist in us-east-1"
    )
    assert world.create(types.VPC_ENDPOINT, serviceRegion="us-gov-east-1", **inputs)


def test_a_subnet_that_an_endpoint_names_twice_counts_once(world: World) -> None:
    """The provider keeps a set: internal/service/ec2/vpc_endpoint.go."""
    vpc, subnets = network(world)
    inputs = {"vpcId": vpc.id, "serviceName": "com.amazonaws.us-east-1.logs", "vpcEndpointType": "Interface"}
    assert world.create(types.VPC_ENDPOINT, subnetIds=[subnets[0].id, subnets[0].id], **inputs)
