"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""

from __future__ import annotations

from typing import Any

import pytest

from simulator.aws.conditions import SOMETHING, all_of, any_of, hold, matches

CONTEXT = {
    "aws:PrincipalAccount": "111122223333",
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/tasks",
    "aws:SecureTransport": "true",
    "aws:SourceArn": f"arn:aws:ecs:us-east-1:111122223333:{SOMETHING}",
    "aws:SourceIp": "203.0.113.7",
    "aws:SourceVpce": None,
    "aws:TagKeys": ["team", "stage"],
    "s3:TlsVersion": "1.3",
}
"""The value of `aws:PrincipalOrgID` is not known."""


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:PrincipalAccount", "111122223333", True),
        ("StringEquals", "AWS:principalaccount", ["1", "111122223333"], True),
        ("StringEquals", "aws:PrincipalAccount", "1111*", False),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/tasks", True),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:PrincipalOrgID}", None),
        ("StringEquals", "aws:PrincipalArn", "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:PrincipalOrgID}", False),
        ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/${aws:PrincipalOrgID}", None),
        ("StringLike", "aws:PrincipalArn", "arn:*:iam::*:role/${aws:SourceVpce, 'tasks'}", True),
        ("StringLike", "aws:PrincipalArn", "arn:*:iam::*:role/${aws:SourceVpce}", False),
        ("StringNotEquals", "aws:PrincipalAccount", ["1", "2"], True),
        ("StringNotEquals", "aws:PrincipalAccount", ["1", "111122223333"], False),
        ("StringEqualsIgnoreCase", "aws:PrincipalArn", "ARN:aws:IAM::111122223333:role/TASKS", True),
        ("StringNotEqualsIgnoreCase", "aws:PrincipalArn", "ARN:aws:IAM::111122223333:role/TASKS", False),
        ("StringLike", "aws:PrincipalAccount", "1111????3333", True),
        ("StringNotLike", "aws:PrincipalAccount", "1*", False),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/*", True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::*:role/t?sks", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:*", False),
        ("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/admin", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:ecs:us-east-1:111122223333:*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:ecs:us-east-1:111122223333:cluster/x", None),
        ("StringLike", "aws:SourceArn", "arn:aws:ecs:eu-west-1:*", False),
        ("ArnNotEquals", "aws:SourceArn", "arn:aws:ecs:eu-west-1:111122223333:*", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("Bool", "aws:SecureTransport", True, True),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "203.0.113.0/24"], True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("IpAddress", "aws:SourceIp", "no address", False),
        ("NumericLessThan", "s3:TlsVersion", "1.2", False),
        ("NumericGreaterThanEquals", "s3:TlsVersion", 1.2, True),
        ("NumericNotEquals", "s3:TlsVersion", "1.3", False),
        ("DateGreaterThan", "aws:SourceIp", "2026-01-01T00:00:00Z", None),
        ("Null", "aws:SourceVpce", "true", True),
        ("Null", "aws:SourceVpce", "false", False),
        ("Null", "aws:SourceIp", "true", False),
        ("Null", "aws:PrincipalOrgID", "true", None),
        ("StringEquals", "aws:PrincipalOrgID", "o-1", None),
        ("StringNotEqualsIfExists", "aws:PrincipalOrgID", "o-1", None),
        ("StringEquals", "aws:SourceVpce", "vpce-1", False),
        ("StringEqualsIfExists", "aws:SourceVpce", "vpce-1", True),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1", True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["stage", "x"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", "x", False),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["stage", "team", "x"], True),
        ("ForAllValues:StringEquals", "aws:TagKeys", "stage", False),
        ("ForAllValues:StringEquals", "aws:SourceVpce", "vpce-1", True),
        ("ForAnyValue:StringEquals", "aws:SourceVpce", "vpce-1", False),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", "stage", True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", "stage", False),
        ("StringEqual", "aws:PrincipalAccount", "111122223333", None),
    ],
)
def test_a_condition_holds_as_its_operator_says(operator: str, key: str, value: Any, expected: bool | None) -> None:
    assert hold({operator: {key: value}}, CONTEXT) is expected


def test_all_operators_and_keys_must_hold() -> None:
    yes, no = {"aws:PrincipalAccount": "111122223333"}, {"aws:SecureTransport": "false"}
    unknown = {"aws:PrincipalOrgID": "o-1"}
    assert hold({"StringEquals": yes, "Bool": no}, CONTEXT) is False
    assert hold({"StringEquals": {**yes, **unknown}}, CONTEXT) is None
    assert hold({"StringEquals": {**yes, **no}}, CONTEXT) is False
    assert hold({}, CONTEXT) is True


@pytest.mark.parametrize("condition", ["x", [], {"StringEquals": "x"}, None])
def test_a_malformed_condition_is_no_error(condition: object) -> None:
    assert hold(condition, CONTEXT) is True


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("${*}", "*", True),
        ("${*}", "x", False),
        ("a${?}c", "abc", False),
        ("${$}{x}", "${x}", True),
        ("a.c", "abc", False),
    ],
)
def test_a_wildcard_can_be_escaped(pattern: str, value: str, expected: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"""
    assert matches(pattern, value, {}) is expected


def test_an_answer_is_known_if_one_part_decides_it() -> None:
    assert [all_of([True, None]), all_of([False, None]), all_of([])] == [None, False, True]
    assert [any_of([True, None]), any_of([False, None]), any_of([])] == [True, None, False]
