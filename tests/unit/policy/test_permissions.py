from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from policy.permissions import (
    DOCUMENTS,
    only_debug_tasks_serve_sessions,
    only_the_job_of_the_logins_is_the_master_user,
    permissions_are_written_as_role_policies,
    permissions_name_what_they_allow,
)
from policy.rule import Resource
from tests.unit.policy.resources import messages, resource

SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url-AbCdEf"


def policy(type: str = types.ROLE_POLICY, **statement: Any) -> Resource:
    allow = {"Sid": "Read", "Effect": "Allow", **statement}
    return resource(type, props={DOCUMENTS[type]: json.dumps({"Statement": [allow]})})


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]},
        {"Action": "ecr:GetAuthorizationToken", "Resource": "*"},
        {"Action": ["ssmmessages:OpenDataChannel", "ssmmessages:CreateDataChannel"], "Resource": "*"},
    ],
)
def test_a_statement_passes_if_it_names_actions_and_resources_or_aws_cannot_limit_its_actions(
    statement: dict[str, Any],
) -> None:
    assert messages(permissions_name_what_they_allow, policy(**statement)) == []


def test_a_statement_that_denies_everything_without_tls_passes() -> None:
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::content"]}
    assert messages(permissions_name_what_they_allow, policy(types.BUCKET_POLICY, **tls)) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            {"Action": ["s3:GetObject", "s3:Put*"], "Resource": "arn:aws:s3:::content/*"},
            "statement Read allows s3:Put*. Name each action.",
        ),
        (
            {"Action": "s3:ListBucket", "Resource": ["*"]},
            "statement Read allows its actions on *. Name the resource; only ecr:GetAuthorizationToken and the"
            " Describe actions of Elastic Load Balancing take none.",
        ),
        (
            {"Action": ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"], "Resource": "*"},
            "statement Read allows its actions on *. Name the resource; only ecr:GetAuthorizationToken and the"
            " Describe actions of Elastic Load Balancing take none.",
        ),
        (
            {"Action": ["ssmmessages:OpenDataChannel", "s3:ListBucket"], "Resource": "*"},
            "statement Read allows its actions on *. Name the resource; only ecr:GetAuthorizationToken and the"
            " Describe actions of Elastic Load Balancing take none.",
        ),
        (
            {"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::*"},
            "statement Read allows its actions on arn:aws:s3:::*. Name the resource; only ecr:GetAuthorizationToken"
            " and the Describe actions of Elastic Load Balancing take none.",
        ),
        (
            {"NotAction": "iam:PassRole", "Resource": SECRET},
            "statement Read allows everything except its NotAction. Name what it allows.",
        ),
        (
            {"Sid": 1, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::content/a", "Principal": {"AWS": ["*"]}},
            "statement 1 allows its actions to everybody. Name the accounts, roles or services.",
        ),
        (
            {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::content/a", "Principal": "*"},
            "statement Read allows its actions to everybody. Name the accounts, roles or services.",
        ),
    ],
)
def test_a_statement_that_allows_more_than_it_names_is_a_violation(statement: dict[str, Any], message: str) -> None:
    assert messages(permissions_name_what_they_allow, policy(**statement)) == [message]


def test_a_document_that_is_an_object_instead_of_json_is_checked_too() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::content/a"}
    document = resource(types.ROLE_POLICY, props={"policy": {"Statement": statement}})
    assert messages(permissions_name_what_they_allow, document) == ["statement 1 allows s3:*. Name each action."]


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, []),
        ({"AWS": "*"}, ["statement Read allows its actions to everybody. Name the accounts, roles or services."]),
    ],
)
def test_a_role_names_who_may_assume_it(principal: dict[str, str], expected: list[str]) -> None:
    role = policy(types.ROLE, Principal=principal, Action="sts:AssumeRole")
    assert messages(permissions_name_what_they_allow, role) == expected


@pytest.mark.parametrize(
    ("type", "props", "finding"),
    [
        (types.ROLE_POLICY_ATTACHMENT, {}, "it attaches a policy that no house rule reads"),
        (
            types.ROLE,
            {"managedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
            "its managedPolicyArns are permissions that no house rule reads",
        ),
        (
            types.ROLE,
            {"inlinePolicies": [{"name": "all", "policy": "{}"}]},
            "its inlinePolicies are permissions that no house rule reads",
        ),
    ],
)
def test_permissions_outside_of_role_policies_are_a_violation(type: str, props: dict[str, Any], finding: str) -> None:
    assert messages(permissions_are_written_as_role_policies, resource(type, props=props)) == [
        f"{finding}. Write the permissions as an aws.iam.RolePolicy."
    ]


def test_a_role_without_permissions_of_its_own_passes() -> None:
    assert messages(permissions_are_written_as_role_policies, resource(types.ROLE)) == []


@pytest.mark.parametrize(
    ("name", "secret", "findings"),
    [
        ("promptsvc-task-execution-policy", "rds!db-1-AbCdEf", 1),
        ("logins-task-execution-policy", "rds!db-1-AbCdEf", 0),
        ("promptsvc-task-execution-policy", "database-url-promptsvc-a-AbCdEf", 0),
    ],
)
def test_only_the_job_of_the_logins_may_read_the_secret_of_rds(name: str, secret: str, findings: int) -> None:
    allow = {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [f"arn:…:secret:{secret}"]}
    props = {"policy": json.dumps({"Statement": [allow]})}
    found = messages(only_the_job_of_the_logins_is_the_master_user, resource(types.ROLE_POLICY, name, props=props))
    assert found == findings * [
        "it may read the secret of RDS with the master user's password."
        " Give the service or job a login of its own: `database=True` in its entry."
    ]


@pytest.mark.parametrize(
    ("name", "action", "findings"),
    [
        ("mcp-debug-task-role-policy", "ssmmessages:OpenDataChannel", 0),
        ("mcp-task-role-policy", "ssmmessages:OpenDataChannel", 1),
        ("mcp-task-role-policy", "SSMMessages:opendatachannel", 1),
        ("mcp-debug-task-execution-policy", "ssmmessages:OpenDataChannel", 1),
        ("mcp-task-role-policy", "s3:ListBucket", 0),
    ],
)
def test_only_the_task_role_of_debug_tasks_may_serve_sessions(name: str, action: str, findings: int) -> None:
    props = {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": [action], "Resource": ["*"]}]})}
    found = messages(only_debug_tasks_serve_sessions, resource(types.ROLE_POLICY, name, props=props))
    assert found == findings * [
        "it lets somebody open a shell in its tasks. Debug a service by `python -m ops debug`: docs/howto/debug.md."
    ]
