"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from moto.iam.access_control import IAMPolicy, PermissionResult

from simulator.aws.permissions import decide, read

ADMINISTRATOR = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
READ_ONLY = [{"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}]
BLOCK_READ = [*ADMINISTRATOR, {"Effect": "Deny", "Action": "iam:List*", "Resource": "*"}]
USERS = "arn:aws:iam::111122223333:user/"


# What AWS answered to SimulatePrincipalPolicy, with the statements that it said to match:
# https://github.com/cloud-custodian/cloud-custodian/tree/main/tests/data/placebo
@pytest.mark.parametrize(
    ("policies", "action", "resource", "answer"),
    [
        # test_ec2_permissions/iam.SimulatePrincipalPolicy_1.json
        ([ADMINISTRATOR], "lambda:CreateFunction", "*", "allowed"),
        # test_iam_user_check_permissions/iam.SimulatePrincipalPolicy_1.json
        ([ADMINISTRATOR], "sqs:CreateUser", "*", "allowed"),
        # test_lambda_check_permission/iam.SimulatePrincipalPolicy_1.json, with a permissions boundary that denies
        ([READ_ONLY, BLOCK_READ], "iam:ListUsers", USERS, "explicitDeny"),
        # test_lambda_check_permission/iam.SimulatePrincipalPolicy_2.json
        ([READ_ONLY], "iam:ListUsers", USERS, "allowed"),
    ],
)
def test_the_decision_is_what_aws_answered(
    policies: list[list[dict[str, Any]]], action: str, resource: str, answer: str
) -> None:
    decisions = {decide(each, action, resource) for each in policies}
    expected = {"allowed": {"allowed"}, "explicitDeny": {"allowed", "denied"}}
    assert decisions == expected[answer]


ACTIONS = ["s3:GetObject", "s3:Get*", "s3:*", "*", "ecr:*", ["ecr:BatchGetImage", "s3:PutObject"]]
RESOURCES = ["*", "arn:aws:s3:::content/*", "arn:aws:s3:::content", ["arn:aws:s3:::*/key", "arn:aws:s3:::other"]]
REQUESTED = [
    ("s3:GetObject", "arn:aws:s3:::content/key"),
    ("s3:PutObject", "arn:aws:s3:::content/key"),
    ("s3:ListBucket", "arn:aws:s3:::content"),
    ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:111122223333:repository/x"),
]
MOTO = {
    PermissionResult.PERMITTED: "allowed",
    PermissionResult.DENIED: "denied",
    PermissionResult.NEUTRAL: "not allowed",
}


@pytest.mark.parametrize("key", ["Action", "NotAction"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_moto_decides_alike_on_statements_without_conditions(key: str, effect: str) -> None:
    disagreements = [
        (statement, requested)
        for actions, resources, requested in product(ACTIONS, RESOURCES, REQUESTED)
        for statement in [{"Effect": effect, key: actions, "Resource": resources}]
        for statements in [[statement], [statement, *ADMINISTRATOR]]
        if decide(statements, *requested)
        != MOTO[IAMPolicy(json.dumps({"Statement": statements})).is_action_permitted(*requested)]
    ]
    assert disagreements == []


def test_an_allow_whose_condition_is_not_known_holds_and_a_deny_does_not() -> None:
    unknown = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
    [allow] = ADMINISTRATOR
    assert decide([{**allow, **unknown}], "s3:GetObject", "*") == "allowed"
    assert decide([allow, {**allow, "Effect": "Deny", **unknown}], "s3:GetObject", "*") == "allowed"


@pytest.mark.parametrize(
    ("version", "decision"), [("2012-10-17", "allowed"), ("2008-10-17", "not allowed"), (None, "not allowed")]
)
def test_only_the_newer_version_of_the_language_has_variables(version: str | None, decision: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""
    statement = {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${aws:PrincipalAccount}"}
    document = {"Statement": statement, **({"Version": version} if version else {})}
    context = {"aws:PrincipalAccount": "111122223333"}
    assert decide(read(json.dumps(document)), "s3:ListBucket", "arn:aws:s3:::111122223333", context) == decision


@pytest.mark.parametrize("document", ["", "{", "[]", "5", "{}", '{"Statement": "x"}', '{"Statement": [5]}'])
def test_a_malformed_document_has_no_statements(document: str) -> None:
    assert read(document) == []
