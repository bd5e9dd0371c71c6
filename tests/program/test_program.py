"""Whole stacks on mocks: properties of all resources that __main__.py registers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ecs import types
from tests.declared import ACCOUNT, CATALOGUE, REGION, Declared, declare_program
from tests.images import images

PINNED = images(CATALOGUE.names)


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
    assert sorted(built.of(types.SERVICE)) == [f"{name}-service" for name in CATALOGUE.names]


def test_the_exports_are_the_images_their_commits_the_services_the_cluster_and_the_url(pinned: Declared) -> None:
    assert pinned.exports() == {
        "images": PINNED,
        "commits": {},
        "services": {name: f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/mrgnl/{name}" for name in CATALOGUE.names},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "url": balancer_url(pinned),
    }


def balancer_url(declared: Declared) -> str:
    [balancer] = declared.of(types.LOAD_BALANCER).values()
    _, _, name, hexadecimal = balancer.id.split("/")
    return f"http://{name}-{hexadecimal}.{REGION}.elb.amazonaws.com"


def test_a_pinned_stack_has_neither_docker_resources_nor_repositories(pinned: Declared) -> None:
    assert not [each for each in pinned.types if each.startswith(("docker:", "pulumi:providers:docker", "aws:ecr/"))]


def test_a_stack_without_images_is_a_platform_without_services(platform: Declared) -> None:
    assert platform.exports() == {
        "images": {},
        "commits": {},
        "services": {},
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl",
        "url": balancer_url(platform),
    }
    assert {each for each in platform.types if each.startswith("marginalia:")} == {
        "marginalia:bucket:Bucket",
        "marginalia:cluster:Cluster",
        "marginalia:database:Database",
        "marginalia:logs:LogBucket",
        "marginalia:network:Access",
        "marginalia:network:Ingress",
        "marginalia:network:Network",
    }


def test_a_pinned_stack_runs_exactly_the_services_that_it_names() -> None:
    declared = declare_program("prod", build=None, images={"authsvc": PINNED["authsvc"]})
    assert list(declared.of("marginalia:service:Service")) == ["authsvc"]


def test_every_aws_resource_uses_the_one_provider_with_region_account_and_tags(built: Declared) -> None:
    [provider] = [each for each in built.registrations if each.type == types.AWS_PROVIDER]
    assert provider.inputs == {
        "region": REGION,
        "allowedAccountIds": json.dumps([ACCOUNT]),
        "defaultTags": json.dumps({"tags": {"project": "marginalia", "stack": "dev", "managed-by": "pulumi"}}),
        "skipCredentialsValidation": "false",
        "skipRegionValidation": "true",
    }
    reference = f"{provider.urn}::{provider.id}"
    assert {each.options.provider for each in built.registrations if each.type.startswith("aws:")} == {reference}


def test_only_the_database_its_url_and_the_images_have_secret_inputs(built: Declared) -> None:
    assert {(each.type.split(":")[1], key) for each in built.registrations for key in each.secrets} == {
        ("rds/instance", "password"),
        ("secretsmanager/secretVersion", "secretString"),
        ("index/image", "registry"),
        ("index", "input"),
    }


def test_the_registry_token_is_the_only_permission_on_all_resources(built: Declared) -> None:
    wild = {
        (action, resource)
        for statement in statements(built)
        for action in statement["Action"]
        for resource in statement["Resource"]
        if "*" in action or resource == "*"
    }
    assert wild == {("ecr:GetAuthorizationToken", "*")}


def statements(declared: Declared) -> Iterator[dict[str, Any]]:
    for policy in declared.of(types.ROLE_POLICY).values():
        yield from policy.json("policy")["Statement"]


def test_every_security_group_rule_follows_from_the_catalogue(built: Declared) -> None:
    """Promise 6: HTTPS egress for each service, each declared call, and the database for entries that use it."""
    calls = {(entry.name, callee, CATALOGUE[callee].port) for entry in CATALOGUE for callee in entry.calls}
    stored = {(entry.name, "database", 5432) for entry in CATALOGUE if entry.database}
    balanced = {("ingress", "mcp", 8080)}
    assert rules(built, types.INGRESS_RULE) == calls | stored | balanced | {("203.0.113.0/24", "ingress", 80)}
    assert rules(built, types.EGRESS_RULE) == calls | stored | balanced | {
        (name, "0.0.0.0/0", 443) for name in CATALOGUE.names
    }


def rules(declared: Declared, kind: str) -> set[tuple[str, str, float]]:
    """The rules of one kind as (source, destination, port), with the names of the security groups' owners."""
    owners = {group.id: name.removesuffix("-access-group") for name, group in declared.of(types.SECURITY_GROUP).items()}
    found: set[tuple[str, str, float]] = set()
    for rule in inputs(declared, kind):
        own = owners[rule["securityGroupId"]]
        other = owners.get(rule.get("referencedSecurityGroupId", "")) or rule["cidrIpv4"]
        assert (rule["ipProtocol"], rule["fromPort"]) == ("tcp", rule["toPort"])
        found.add((own, other, rule["toPort"]) if kind == types.EGRESS_RULE else (other, own, rule["toPort"]))
    return found


def inputs(declared: Declared, kind: str) -> Iterator[dict[str, Any]]:
    for each in declared.of(kind).values():
        yield each.inputs


def test_no_task_and_no_database_has_a_public_address(built: Declared) -> None:
    networks = [each["networkConfiguration"] for each in inputs(built, types.SERVICE)]
    assert {network["assignPublicIp"] for network in networks} == {False}
    assert {each["publiclyAccessible"] for each in inputs(built, types.DB_INSTANCE)} == {False}
