"""Whole stacks on mocks: what holds for everything that __main__.py declares."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from services import CATALOGUE
from tests.declared import ACCOUNT, REGION, Declared, declare_program

PINNED = {
    name: f"111122223333.dkr.ecr.{REGION}.amazonaws.com/mrgnl-{name}@sha256:{'a' * 64}" for name in CATALOGUE.names
}


@pytest.fixture(scope="module")
def built() -> Declared:
    return declare_program("dev")


@pytest.fixture(scope="module")
def pinned() -> Declared:
    return declare_program("prod", build=None, images=PINNED)


@pytest.fixture(scope="module")
def platform() -> Declared:
    return declare_program("prod", build=None, images={})


def test_each_service_of_the_catalogue_is_one_component_and_one_ecs_service(built: Declared) -> None:
    assert sorted(built.of("marginalia:service:Service")) == list(CATALOGUE.names)
    assert sorted(built.of("aws:ecs/service:Service")) == [f"{name}-service" for name in CATALOGUE.names]


def test_the_exports_are_the_digests_the_services_and_the_cluster(pinned: Declared) -> None:
    assert pinned.exports() == {
        "images": PINNED,
        "services": {name: f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/mrgnl/{name}" for name in CATALOGUE.names},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "url": balancer_url(pinned),
    }


def balancer_url(declared: Declared) -> str:
    [name] = [each.id.split("/")[2] for each in declared.of("aws:lb/loadBalancer:LoadBalancer").values()]
    [hexadecimal] = [each.id.split("/")[3] for each in declared.of("aws:lb/loadBalancer:LoadBalancer").values()]
    return f"http://{name}-{hexadecimal}.{REGION}.elb.amazonaws.com"


def test_a_pinned_stack_declares_nothing_of_docker_and_owns_no_repository(pinned: Declared) -> None:
    assert not [each for each in pinned.types if each.startswith(("docker:", "pulumi:providers:docker", "aws:ecr/"))]


def test_a_stack_without_images_is_a_platform_without_services(platform: Declared) -> None:
    assert platform.exports() == {
        "images": {},
        "services": {},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "url": balancer_url(platform),
    }
    assert {each for each in platform.types if each.startswith("marginalia:")} == {
        "marginalia:bucket:Bucket",
        "marginalia:cluster:Cluster",
        "marginalia:database:Database",
        "marginalia:network:Access",
        "marginalia:network:Ingress",
        "marginalia:network:Network",
    }


def test_a_pinned_stack_runs_exactly_the_services_that_it_names() -> None:
    declared = declare_program("prod", build=None, images={"authsvc": PINNED["authsvc"]})
    assert list(declared.of("marginalia:service:Service")) == ["authsvc"]


def test_one_provider_carries_region_account_and_tags_and_every_aws_resource_goes_through_it(built: Declared) -> None:
    [provider] = [each for each in built.registrations if each.type == "pulumi:providers:aws"]
    assert provider.inputs == {
        "region": REGION,
        "allowedAccountIds": json.dumps([ACCOUNT]),
        "defaultTags": json.dumps({"tags": {"project": "marginalia", "stack": "dev", "managed-by": "pulumi"}}),
        "skipCredentialsValidation": "false",
        "skipRegionValidation": "true",
    }
    through = f"{provider.urn}::{provider.id}"
    assert {each.options.provider for each in built.registrations if each.type.startswith("aws:")} == {through}


def test_only_the_database_the_bucket_and_the_images_hold_secrets(built: Declared) -> None:
    assert {(each.type.split(":")[1], key) for each in built.registrations for key in each.secrets} == {
        ("rds/instance", "password"),
        ("secretsmanager/secretVersion", "secretString"),
        ("index/image", "registry"),
    }


def test_no_permission_is_for_everything_but_the_registry_token(built: Declared) -> None:
    wild = {
        (action, resource)
        for statement in statements(built)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if "*" in action or resource == "*"
    }
    assert wild == {("ecr:GetAuthorizationToken", "*")}


def statements(declared: Declared) -> Iterator[dict[str, Any]]:
    for policy in declared.of("aws:iam/rolePolicy:RolePolicy").values():
        yield from policy.json("policy")["Statement"]


def test_every_security_group_rule_is_accounted_for_by_the_catalogue(built: Declared) -> None:
    """Promise 6. Way by way: HTTPS out for all, each declared call, the database where an entry says so."""
    calls = {(entry.name, callee, CATALOGUE[callee].port) for entry in CATALOGUE for callee in entry.calls}
    stored = {(entry.name, "database", 5432) for entry in CATALOGUE if entry.database}
    balanced = {("ingress", "mcp", 8080)}
    assert ways(built, INGRESS_RULE) == calls | stored | balanced | {("203.0.113.0/24", "ingress", 80)}
    assert ways(built, EGRESS_RULE) == calls | stored | balanced | {
        (name, "0.0.0.0/0", 443) for name in CATALOGUE.names
    }


EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"


def ways(declared: Declared, kind: str) -> set[tuple[str, str, float]]:
    """The rules of one kind as (from, to, port), security groups by whose they are."""
    owners = {
        group.id: name.removesuffix("-access-group")
        for name, group in declared.of("aws:ec2/securityGroup:SecurityGroup").items()
    }
    found: set[tuple[str, str, float]] = set()
    for rule in inputs(declared, kind):
        own = owners[rule["securityGroupId"]]
        other = owners.get(rule.get("referencedSecurityGroupId", "")) or rule["cidrIpv4"]
        assert (rule["ipProtocol"], rule["fromPort"]) == ("tcp", rule["toPort"])
        found.add((own, other, rule["toPort"]) if kind == EGRESS_RULE else (other, own, rule["toPort"]))
    return found


def inputs(declared: Declared, kind: str) -> Iterator[dict[str, Any]]:
    for each in declared.of(kind).values():
        yield each.inputs


def test_no_task_and_no_database_has_a_public_address(built: Declared) -> None:
    networks = [each["networkConfiguration"] for each in inputs(built, "aws:ecs/service:Service")]
    assert {network["assignPublicIp"] for network in networks} == {False}
    assert {each["publiclyAccessible"] for each in inputs(built, "aws:rds/instance:Instance")} == {False}
