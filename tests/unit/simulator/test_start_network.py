"""The network of tasks that start, and errors of tasks that do not.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from tests.unit.simulator.promptsvc import Promptsvc

STOPPED = "promptsvc: the deployment circuit breaker was triggered: "
INTERRUPTED = "ResourceInitializationError: unable to pull registry auth: "
ALL_INTERFACE_ENDPOINTS = "ecr.api, ecr.dkr, logs, secretsmanager"
SUBNETS = ("subnet-a", "subnet-b")


def no_way_out(missing: str, subnets: tuple[str, ...] = SUBNETS, why: str = "routes has no route to 0.0.0.0/0") -> str:
    return "; ".join(
        f"{STOPPED}{INTERRUPTED}{subnet} has no route out ({why}) and no reachable endpoint for {missing}"
        for subnet in subnets
    )


@pytest.mark.parametrize(
    ("route", "why"),
    [
        pytest.param(None, "routes has no route to 0.0.0.0/0", id="none"),
        pytest.param(
            {"cidrBlock": "10.9.0.0/16", "natGatewayId": "nat-1"},
            "routes has no route to 0.0.0.0/0",
            id="not-to-the-internet",
        ),
        pytest.param(
            {"cidrBlock": "0.0.0.0/0", "gatewayId": "igw-1"},
            "its route to the internet gateway igw-1 is a blackhole: it is not attached to this VPC",
            id="to-no-internet-gateway",
        ),
        pytest.param(
            {"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-1"},
            "its route to the NAT gateway nat-1 is a blackhole: it does not exist",
            id="to-no-nat-gateway",
        ),
    ],
)
def test_a_task_without_a_route_out_does_not_start(
    promptsvc: Promptsvc, route: dict[str, str] | None, why: str
) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"""
    promptsvc.world.change(promptsvc.routes, routes=[route] if route else [])
    assert promptsvc.failure() == no_way_out(f"{ALL_INTERFACE_ENDPOINTS}, s3", why=why)


def test_a_task_without_a_public_address_does_not_use_an_internet_gateway(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"""
    promptsvc.world.change(promptsvc.routes, routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": promptsvc.gateway}])
    why = "its route leads to the internet gateway it, which a task without a public address cannot use"
    assert promptsvc.failure() == no_way_out(f"{ALL_INTERFACE_ENDPOINTS}, s3", why=why)


def test_a_task_in_a_subnet_without_a_route_table_association_does_not_start(promptsvc: Promptsvc) -> None:
    promptsvc.world.store.remove(promptsvc.world.all(types.ROUTE_TABLE_ASSOCIATION)[2])
    why = "no route table is associated with it"
    assert promptsvc.failure() == no_way_out(f"{ALL_INTERFACE_ENDPOINTS}, s3", ("subnet-b",), why)


@pytest.mark.parametrize("service", ["ecr.api", "ecr.dkr", "logs", "secretsmanager", "s3"])
def test_a_task_without_a_route_out_needs_an_endpoint_for_each_service(promptsvc: Promptsvc, service: str) -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""
    endpoints = promptsvc.endpoints_instead_of_routes()
    promptsvc.world.store.remove(endpoints[service])
    assert promptsvc.failure() == no_way_out(service)


NO_EGRESS = "no egress rule of it lets the task reach {} on port 443"
NO_INGRESS = "no ingress rule of endpoints admits the task to {} on port 443"
LAYERS = "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
DENIES = json.dumps({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})


def each_interface_endpoint(why: str) -> str:
    return ", ".join(f"{name} ({why.format(name)})" for name in ALL_INTERFACE_ENDPOINTS.split(", "))


@pytest.mark.parametrize(
    ("name", "change", "missing"),
    [
        ("logs", {"privateDnsEnabled": False}, "logs (logs has no private DNS name)"),
        ("logs", {"subnetIds": []}, "logs (logs has no subnet)"),
        ("logs", {"serviceName": "com.amazonaws.eu-west-1.logs"}, "logs"),
        ("logs", {"vpcId": "vpc-1"}, "logs"),
        ("s3", {"routeTableIds": []}, "s3 (s3 is not in its route table)"),
        ("to-s3", {"prefixListId": "pl-1"}, f"s3 ({NO_EGRESS.format('s3')})"),
        ("s3", {"policy": DENIES}, f"s3 (the policy of s3 does not allow s3:GetObject on {LAYERS})"),
        (
            "secretsmanager",
            {"policy": DENIES},
            "secretsmanager (the policy of secretsmanager does not allow secretsmanager:GetSecretValue on {secret})",
        ),
        ("to-endpoints", {"toPort": 80, "fromPort": 80}, each_interface_endpoint(NO_EGRESS)),
        ("to-endpoints", {"ipProtocol": "udp"}, each_interface_endpoint(NO_EGRESS)),
        ("from-tasks", {"referencedSecurityGroupId": "sg-1"}, each_interface_endpoint(NO_INGRESS)),
    ],
)
def test_a_task_does_not_start_if_an_endpoint_has_another_region_subnet_or_rule(
    promptsvc: Promptsvc, name: str, change: dict[str, Any], missing: str
) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""
    promptsvc.world.change(promptsvc.endpoints_instead_of_routes()[name], **change)
    assert promptsvc.failure() == no_way_out(missing.format(secret=promptsvc.secret))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("logs", {"policy": json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})}),
        ("to-endpoints", {"fromPort": 0, "toPort": 65535}),
        ("to-endpoints", {"ipProtocol": "-1", "fromPort": None, "toPort": None}),
        ("to-endpoints", {"referencedSecurityGroupId": None, "cidrIpv4": "10.0.0.0/16"}),
        ("from-tasks", {"referencedSecurityGroupId": None, "cidrIpv4": "10.0.0.0/19"}),
        ("to-s3", {"prefixListId": None, "cidrIpv4": "0.0.0.0/0"}),
    ],
)
def test_a_task_starts_with_any_rule_or_policy_that_lets_it_reach_the_endpoints(
    promptsvc: Promptsvc, name: str, change: dict[str, Any]
) -> None:
    promptsvc.world.change(promptsvc.endpoints_instead_of_routes()[name], **change)
    assert promptsvc.deploy()


def test_a_task_reaches_an_endpoint_in_one_other_subnet_of_the_vpc(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    promptsvc.world.change(promptsvc.endpoints_instead_of_routes()["logs"], subnetIds=[promptsvc.public])
    assert promptsvc.deploy()


def test_a_task_without_secrets_needs_no_endpoint_for_them(promptsvc: Promptsvc) -> None:
    promptsvc.world.store.remove(promptsvc.endpoints_instead_of_routes()["secretsmanager"])
    assert promptsvc.deploy(promptsvc.container(secrets=[]))


def test_a_private_dns_name_takes_the_traffic_even_where_a_route_leads_out(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    routed = promptsvc.routes.properties["routes"]
    created = promptsvc.endpoints_instead_of_routes()
    promptsvc.world.change(promptsvc.routes, routes=routed)
    promptsvc.world.store.remove(created["from-tasks"])
    assert promptsvc.failure().startswith(
        f"{STOPPED}{INTERRUPTED}subnet-a has no reachable endpoint for {each_interface_endpoint(NO_INGRESS)}"
    )


def test_no_name_resolves_without_the_dns_of_the_vpc(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html"""
    [vpc] = promptsvc.world.all(types.VPC)
    promptsvc.world.change(vpc, enableDnsSupport=False)
    assert promptsvc.failure() == (f"{STOPPED}{INTERRUPTED}no name resolves in vpc: its enableDnsSupport is false")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"connectivityType": "private"}, "the NAT gateway nat, whose connectivityType is private"),
        ({"subnetId": None}, "the NAT gateway nat in subnet-a, which has no route to an internet gateway"),
    ],
)
def test_a_nat_gateway_leads_out_only_if_its_own_subnet_does(
    promptsvc: Promptsvc, change: dict[str, Any], why: str
) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"""
    [gateway] = promptsvc.world.all(types.NAT_GATEWAY)
    change = {key: value or promptsvc.subnets[0] for key, value in change.items()}
    promptsvc.world.change(gateway, **change)
    assert promptsvc.failure() == no_way_out(f"{ALL_INTERFACE_ENDPOINTS}, s3", why=f"its route leads to {why}")


def test_a_task_with_all_endpoints_starts_without_a_route_out(promptsvc: Promptsvc) -> None:
    promptsvc.endpoints_instead_of_routes()
    assert promptsvc.deploy()


def test_a_task_with_a_public_address_starts_with_a_route_to_the_internet_gateway(promptsvc: Promptsvc) -> None:
    promptsvc.world.change(promptsvc.routes, routes=[{"cidrBlock": "0.0.0.0/0", "gatewayId": promptsvc.gateway}])
    public = {"subnets": promptsvc.subnets, "securityGroups": [promptsvc.group], "assignPublicIp": True}
    assert promptsvc.deploy(networkConfiguration=public)


@pytest.mark.parametrize("ports", [None, (80, 80), (444, 65535)])
def test_a_task_without_an_egress_rule_for_https_does_not_start(
    promptsvc: Promptsvc, ports: tuple[int, int] | None
) -> None:
    if ports:
        promptsvc.world.change(promptsvc.egress, fromPort=ports[0], toPort=ports[1])
    else:
        promptsvc.remove(types.EGRESS_RULE)
    one = {"subnets": promptsvc.subnets[:1], "securityGroups": [promptsvc.group]}
    assert (
        promptsvc.failure(networkConfiguration=one)
        == f"{STOPPED}{INTERRUPTED}no egress rule for port 443 to 0.0.0.0/0 in it"
    )
