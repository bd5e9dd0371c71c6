"""Calls, security group rules and addresses of a service."""

from __future__ import annotations

from config.catalogue import Entry
from ecs import types
from tests.declared import Declared
from tests.unit.components import build
from tests.unit.components.build import caller_and_callee, container

BALANCER_RULE = ("ingress", "ingress-access-group", "0.0.0.0/0", 80)
"""The rule of the platform's load balancer, which these services do not use."""


def rules(declared: Declared) -> set[tuple[str, str, str, int]]:
    """Every other rule as (direction, security group, peer, port)."""
    names = {group.id: name for name, group in declared.of(types.SECURITY_GROUP).items()}
    return {
        (
            direction,
            names[rule.inputs["securityGroupId"]],
            names.get(rule.inputs.get("referencedSecurityGroupId", "")) or rule.inputs["cidrIpv4"],
            rule.inputs["fromPort"],
        )
        for direction, kind in (("egress", types.EGRESS_RULE), ("ingress", types.INGRESS_RULE))
        for rule in declared.of(kind).values()
        if rule.inputs["ipProtocol"] == "tcp" and rule.inputs["fromPort"] == rule.inputs["toPort"]
    } - {BALANCER_RULE}


def test_a_declared_call_opens_exactly_the_port_of_the_callee() -> None:
    declared = caller_and_callee()
    assert rules(declared) == {
        ("egress", "authsvc-access-group", "0.0.0.0/0", 443),
        ("egress", "mcp-access-group", "0.0.0.0/0", 443),
        ("egress", "mcp-access-group", "authsvc-access-group", 9001),
        ("ingress", "authsvc-access-group", "mcp-access-group", 9001),
    }
    assert len(declared.of(types.EGRESS_RULE)) + len(declared.of(types.INGRESS_RULE)) == 4 + 1


def test_only_a_service_with_database_reaches_the_database() -> None:
    assert {rule for rule in rules(build.promptsvc()) if "database-access-group" in rule} == {
        ("egress", "promptsvc-access-group", "database-access-group", 5432),
        ("ingress", "database-access-group", "promptsvc-access-group", 5432),
    }
    without = build.promptsvc(entry=Entry(name="promptsvc", port=9002))
    assert rules(without) == {("egress", "promptsvc-access-group", "0.0.0.0/0", 443)}


def test_no_security_group_has_inline_rules() -> None:
    groups = build.promptsvc().of(types.SECURITY_GROUP).values()
    assert {each.inputs.get("ingress", each.inputs.get("egress")) for each in groups} == {None}


def test_tasks_in_public_subnets_have_public_addresses_and_no_ingress_rules() -> None:
    declared = build.promptsvc(network_args={"egress": "public"}, entry=Entry(name="promptsvc", port=9002))
    network = declared.one(types.SERVICE, "promptsvc-service").inputs["networkConfiguration"]
    subnets = {subnet.id: name for name, subnet in declared.of(types.SUBNET).items()}
    assert network["assignPublicIp"] is True
    assert [subnets[each] for each in network["subnets"]] == [f"network-public-us-east-1{zone}" for zone in "ab"]
    assert rules(declared) == {("egress", "promptsvc-access-group", "0.0.0.0/0", 443)}


def test_with_endpoints_a_service_reaches_only_the_endpoints_and_s3() -> None:
    declared = build.promptsvc(network_args={"egress": "endpoints"}, entry=Entry(name="promptsvc", port=9002))
    group = declared.one(types.SECURITY_GROUP, "network-endpoints-group").id
    own = declared.one(types.SECURITY_GROUP, "promptsvc-access-group").id
    rules = {name: rule.inputs for name, rule in declared.of(types.EGRESS_RULE).items()}
    port = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443}
    prefix_list = rules["promptsvc-access-to-s3-egress"]["prefixListId"]
    assert rules == {
        "promptsvc-access-to-endpoints-egress": {
            **port,
            "securityGroupId": own,
            "referencedSecurityGroupId": group,
            "description": "From promptsvc to endpoints",
        },
        "promptsvc-access-to-s3-egress": {
            **port,
            "securityGroupId": own,
            "prefixListId": prefix_list,
            "description": "From promptsvc to s3",
        },
    }
    assert declared.one(types.INGRESS_RULE, "promptsvc-access-to-endpoints-ingress").inputs == {
        **port,
        "securityGroupId": group,
        "referencedSecurityGroupId": own,
        "description": "From promptsvc to endpoints",
    }


def test_a_declared_call_adds_the_address_of_the_callee_to_the_environment() -> None:
    assert container(caller_and_callee(), "mcp")["environment"] == [
        {"name": "AUTH_SERVICE", "value": "authsvc:9001"},
        {"name": "HTTP_PORT", "value": "8080"},
    ]
