"""Checks what bounds the roles of GitHub's workflows: the trust, the state, the boundary and the denials."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from bootstrap.actions import PROMOTE, ROWS
from bootstrap.statements import LOCKED
from ecs import types
from simulator.aws.permissions import decide
from tests.bootstrapped import BOUNDARY, BUILDING, CONTEXT, bootstrap, declare_bootstrap, programs, refused, statements
from tests.declared import ACCOUNT, REGION, Declared


def test_a_role_trusts_its_environments_of_one_repository_with_and_without_ids() -> None:
    declared = bootstrap()
    host = "token.actions.githubusercontent.com"
    for role, environments in (("preview", ("dev-preview", "dev-pull-request")), ("deploy", ("dev",))):
        trust = declared.one(types.ROLE, f"ci-{role}").json("assumeRolePolicy")["Statement"]
        subjects = [
            f"repo:{repository}:environment:{environment}"
            for environment in environments
            for repository in ("example/infra", "example@7/infra@8")
        ]
        assert trust == [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{host}"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": {f"{host}:aud": "sts.amazonaws.com", f"{host}:sub": subjects}},
            }
        ]
    sessions = {each.name: each.inputs.get("maxSessionDuration") for each in declared.of(types.ROLE).values()}
    assert sessions == {"ci-deploy": 21_600, "ci-preview": None}


def test_a_second_stack_of_an_account_trusts_its_existing_oidc_provider() -> None:
    declared = declare_bootstrap(**BUILDING, bootstrap={"create-oidc-provider": False})
    assert declared.of(types.OIDC_PROVIDER) == {}
    assert trusted(declared) == trusted(bootstrap())


def trusted(declared: Declared) -> dict[str, Any]:
    return {name: role.json("assumeRolePolicy") for name, role in declared.of(types.ROLE).items()}


@pytest.mark.parametrize(
    "required",
    [
        ("s3:GetObject", "arn:aws:s3:::marginalia-state-dev/.pulumi/stacks/marginalia-bootstrap/dev.json"),
        ("s3:PutObject", "arn:aws:s3:::marginalia-state-dev/.pulumi/stacks/marginalia-bootstrap/dev.json"),
        ("s3:GetObject", "arn:aws:s3:::marginalia-state-prod/.pulumi/stacks/marginalia/prod.json"),
        ("s3:ListBucket", "arn:aws:s3:::marginalia-state-prod"),
        ("kms:Decrypt", f"arn:aws:kms:{REGION}:000000000001:key/another"),
        ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:another-AbCdEf"),
    ],
)
@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_a_role_reads_and_writes_neither_another_state_nor_another_secret(role: str, required: tuple[str, str]) -> None:
    assert refused(role, [required]) == [required]


def test_a_role_reads_the_state_and_the_locks_of_its_stack() -> None:
    """https://github.com/pulumi/pulumi/tree/v3.232.0/pkg/backend/diy, store.go and lock.go"""
    folder = "arn:aws:s3:::marginalia-state-dev/.pulumi"
    keys = ["stacks/marginalia/dev.json", "locks/organization/marginalia/dev/id.json", "history/marginalia/dev/x.json"]
    objects = [f"{folder}/{each}" for each in keys]
    assert refused("preview", [("s3:GetObject", each) for each in (*objects, f"{folder}/meta.yaml")]) == []
    assert (
        refused("deploy", [(action, each) for each in objects for action in ("s3:PutObject", "s3:DeleteObject")]) == []
    )


@pytest.mark.parametrize("action", ["iam:CreateRole", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"])
@pytest.mark.parametrize("boundary", ["", f"arn:aws:iam::{ACCOUNT}:policy/another"])
def test_deploy_creates_and_changes_no_role_without_the_boundary(action: str, boundary: str) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/mcp-task-role-0123456"
    context = {**CONTEXT, "iam:PermissionsBoundary": boundary}
    assert decide(statements(bootstrap(), "deploy"), action, role, context) == "not allowed"


def test_deploy_may_not_take_the_boundary_off_a_role() -> None:
    required = ("iam:DeleteRolePermissionsBoundary", f"arn:aws:iam::{ACCOUNT}:role/mcp-task-role-0123456")
    assert refused("deploy", [required]) == [required]


def test_deploy_is_denied_every_change_of_what_bounds_it_whatever_else_allows_it() -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}, *statements(bootstrap(), "deploy")]
    declared = bootstrap()
    bounds = [
        *(each.id for each in declared.of(types.IAM_POLICY).values()),
        *(f"arn:aws:iam::{ACCOUNT}:role{each.inputs['path']}{each.id}" for each in declared.of(types.ROLE).values()),
        *(each.id for each in declared.of(types.OIDC_PROVIDER).values()),
    ]
    assert BOUNDARY in bounds
    changes = ("iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeleteRole", "iam:DeleteOpenIDConnectProvider")
    assert {decide(everything, action, each) for each in bounds for action in changes} == {"denied"}


def test_the_roles_of_tasks_have_the_boundary_and_it_allows_exactly_what_their_policies_allow() -> None:
    """Exactly: each action of the boundary is in a policy, and each statement of a policy is within the boundary."""
    for program in programs():
        assert_bounds(bootstrap(), program)


def assert_bounds(declared: Declared, program: Declared) -> None:
    [boundary] = [each for each in declared.of(types.IAM_POLICY).values() if each.id == BOUNDARY]
    bound = boundary.json("policy")["Statement"]
    policies = [each.json("policy")["Statement"] for each in program.of(types.ROLE_POLICY).values()]
    required = {
        (action, resource)
        for policy in policies
        for each in policy
        for action in each["Action"]
        for resource in each["Resource"]
    }
    assert {each.inputs["permissionsBoundary"] for each in program.of(types.ROLE).values()} == {BOUNDARY}
    assert [each for each in required if decide(bound, *each) != "allowed"] == []
    assert {action for each in bound for action in each["Action"]} == {action for action, _ in required}


PINS: dict[str, Any] = {
    "account": "000000000001",
    "build": None,
    "images": {"authsvc": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/mrgnl-authsvc@sha256:{64 * '0'}"},
    "network": {"cidr": "10.30.0.0/16", "zones": ["us-east-1a", "us-east-1b"]},
    "bucket": {"name": "marginalia-content-prod"},
}


@cache
def consumed() -> list[dict[str, Any]]:
    """The deploy role of a building stack, of which another stack runs authsvc."""
    return statements(declare_bootstrap(**BUILDING, others={"prod": PINS}), "deploy")


@pytest.mark.parametrize("action", LOCKED)
def test_deploy_may_not_delete_or_hide_an_image_that_another_stack_pins(action: str) -> None:
    repositories = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository"
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    assert decide([*everything, *consumed()], action, f"{repositories}/mrgnl-authsvc") == "denied"
    assert decide([*everything, *consumed()], action, f"{repositories}/mrgnl-promptsvc") == "allowed"


def test_deploy_may_still_push_promote_and_read_an_image_that_another_stack_pins() -> None:
    repository = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/mrgnl-authsvc"
    of_ecr = [row for row in ROWS if ":repository/" in row.arn]
    calls = {each for row in of_ecr for each in (*row.read, *row.write)} | set(PROMOTE)
    refused = {each for each in calls if decide(consumed(), each, repository) == "denied"}
    assert refused == set(LOCKED) - {"ecr:BatchDeleteImage"}
    assert {each for row in of_ecr if row.type == types.DOCKER_IMAGE for each in row.write} & refused == set()
