"""Holds the statements of the roles against every action of the table, on the resources of the program."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from bootstrap import actions
from bootstrap.actions import PROMOTE, ROWS, Row
from ecs import types
from tests.bootstrapped import BOUNDARY, BUILDING, bootstrap, declare_bootstrap, programs, refused, statements
from tests.declared import ACCOUNT, REGION, Registration


def resources() -> list[tuple[Row, Registration]]:
    """Each row of the table with each resource of its type."""
    registrations = [each for program in programs() for each in program.registrations]
    registrations += [run(each) for each in registrations if each.type == types.TASK_DEFINITION]
    return [(row, each) for row in ROWS for each in registrations if each.type == row.type]


def run(definition: Registration) -> Registration:
    """A task of this definition, as what simulator/boto/ecs.py asks for."""
    group = definition.json("containerDefinitions")[0]["logConfiguration"]["options"]["awslogs-group"]
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/mrgnl"
    return replace(
        definition, type=types.RUN_TASK, inputs={**definition.inputs, "cluster": cluster, "log_group": group}
    )


def arn(row: Row, action: str, resource: Registration) -> str:
    """An id ends with the name that Pulumi generates."""
    inputs = {"name": resource.id.rpartition(":")[2], **resource.inputs}
    return actions.arn(row, action, actions.values(inputs, account=ACCOUNT, region=REGION))


def test_deploy_may_call_every_action_of_the_table_on_every_resource_of_the_program() -> None:
    required = [(each, arn(row, each, resource)) for row, resource in resources() for each in (*row.read, *row.write)]
    assert len(required) > 500
    assert refused("deploy", required) == []


def test_preview_may_read_every_resource_of_the_program() -> None:
    required = [(each, arn(row, each, resource)) for row, resource in resources() for each in row.read]
    assert refused("preview", required) == []


def test_preview_may_write_nothing() -> None:
    found = [(each, arn(row, each, resource)) for row, resource in resources() for each in row.write]
    required = [each for each in found if each[1]]
    assert [each for each in required if each not in refused("preview", [each])] == []


STATE = {"kms:Decrypt", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"}


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_a_role_allows_no_action_that_is_not_in_the_table(role: str) -> None:
    """Neither by name nor by a wildcard."""
    allowed = {
        action for each in statements(bootstrap(), role) if each["Effect"] == "Allow" for action in each["Action"]
    }
    table = {action for row in ROWS for action in (*row.read, *(row.write if role == "deploy" else ()))}
    assert allowed == table | (
        STATE | set(PROMOTE) if role == "deploy" else STATE - {"s3:DeleteObject", "s3:PutObject"}
    )


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_every_arn_of_a_role_is_of_a_resource_of_the_program_or_of_its_state(role: str) -> None:
    """The ids of EC2 and of Elastic Load Balancing are unknown beforehand: any of the account."""
    created = {arn(row, each, resource) for row, resource in resources() for each in (*row.read, *row.write)}
    known = {"account": ACCOUNT, "region": REGION, "prefix": "mrgnl", "log_bucket": "marginalia-content-test-logs"}
    also = {each.format_map(known) for row in ROWS for each in row.also}
    patterns = {
        each for found in statements(bootstrap(), role) if found["Effect"] == "Allow" for each in found["Resource"]
    }
    stale = {each for each in patterns - also if not any(fnmatchcase(found, each) for found in created)}
    assert {re.sub("key/.*", "key/KEY", each) for each in stale} == {
        "arn:aws:s3:::marginalia-state-dev",
        "arn:aws:s3:::marginalia-state-dev/.pulumi/*/marginalia/*",
        "arn:aws:s3:::marginalia-state-dev/.pulumi/meta.yaml",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/KEY",
    }


def test_a_stack_without_a_domain_that_pins_its_images_has_no_permission_for_either() -> None:
    declared = declare_bootstrap(
        build=None, images={}, ingress={"allowed-cidrs": ["203.0.113.0/24"]}, permissions_boundary=BOUNDARY
    )
    allowed = {action for each in statements(declared, "deploy") for action in each["Action"]}
    assert {each.split(":")[0] for each in allowed} & {"acm", "ecr"} == set()
    assert {each for each in allowed if each.startswith("route53:")} == {"route53:AssociateVPCWithHostedZone"}


def test_the_policies_are_within_the_quotas_of_iam() -> None:
    """Also with long names: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    long: dict[str, Any] = {**BUILDING, "prefix": "p" * 12, "bucket": {"name": "b" * 63}, "permissions_boundary": None}
    declared = declare_bootstrap("s" * 40, **long)
    for each in (declared, bootstrap()):
        assert [name for name, policy in each.of(types.IAM_POLICY).items() if size(policy) > 6144] == []
        attached = [each.inputs["role"] for each in each.of(types.ROLE_POLICY_ATTACHMENT).values()]
        assert max(map(attached.count, attached)) <= 10


def size(policy: Registration) -> int:
    return len("".join(str(policy.inputs["policy"]).split()))
