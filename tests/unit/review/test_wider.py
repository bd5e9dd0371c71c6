"""Permissions that became wider."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from tests.unit.review.deployments import Raw, compared, component, references, resource

PROMPTSVC = component("promptsvc")
ROLE = resource(types.ROLE, "worker", PROMPTSVC)
ALLOWED = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::content/*"]}
TLS = {"Bool": {"aws:SecureTransport": "true"}}


def policy(*statements: dict[str, Any]) -> Raw:
    inputs = {"role": ROLE["id"], "policy": json.dumps({"Statement": list(statements)})}
    return resource(types.ROLE_POLICY, "policy", PROMPTSVC, inputs, **references(role=ROLE))


def wider(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    old, new = policy(before), policy(after)
    concerns = compared([PROMPTSVC, ROLE, old], [PROMPTSVC, ROLE, new], ("update", new)).concerns
    return [(each.severity, each.text.removeprefix("role worker ")) for each in concerns if each.topic == "permissions"]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({}, {"Action": ["s3:GetObject", "s3:PutObject"]}, ("warning", "may s3:PutObject on arn:aws:s3:::content/*")),
        ({}, {"Action": ["s3:*"]}, ("caution", "may s3:* on arn:aws:s3:::content/*")),
        ({}, {"Resource": ["arn:aws:s3:::other/*"]}, ("warning", "may s3:GetObject on arn:aws:s3:::other/*")),
        ({}, {"Resource": "*"}, ("caution", "may s3:GetObject on *")),
        ({}, {"Resource": ["arn:aws:s3:::*"]}, ("caution", "may s3:GetObject on arn:aws:s3:::*")),
        (
            {"Condition": TLS},
            {},
            (
                "warning",
                "may s3:GetObject on arn:aws:s3:::content/* (the condition was aws:SecureTransport Bool true)",
            ),
        ),
        (
            {"Effect": "Deny"},
            {"Action": []},
            ("caution", "may s3:GetObject on arn:aws:s3:::content/* is no longer forbidden"),
        ),
    ],
)
def test_a_permission_that_became_wider_is_a_concern_and_a_wildcard_a_caution(
    before: dict[str, Any], after: dict[str, Any], found: tuple[str, str]
) -> None:
    assert wider({**ALLOWED, **before}, {**ALLOWED, **after}) == [found]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Action": ["s3:*"]}, {}),
        ({"Resource": "*"}, {}),
        ({}, {"Condition": TLS}),
        ({}, {"Resource": ["arn:aws:s3:::content/a/*"]}),
        ({"Action": ["s3:Get*"]}, {}),
    ],
)
def test_a_narrower_permission_is_no_concern(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert wider({**ALLOWED, **before}, {**ALLOWED, **after}) == []


def test_a_new_principal_may_be_a_caution() -> None:
    def repository(*accounts: str) -> Raw:
        statement = {"Effect": "Allow", "Principal": {"AWS": list(accounts)}, "Action": "ecr:BatchGetImage"}
        inputs = {"repository": "mrgnl-x", "policy": json.dumps({"Statement": statement})}
        return resource(types.REPOSITORY_POLICY, "consumers", PROMPTSVC, inputs)

    known, other = (f"arn:aws:iam::00000000000{number}:root" for number in (1, 2))
    for added, concern in (
        (other, ("warning", "repository mrgnl-x: account 000000000002 may ecr:BatchGetImage")),
        ("*", ("caution", "repository mrgnl-x: everyone may ecr:BatchGetImage")),
    ):
        old, new = repository(known), repository(known, added)
        found = compared([PROMPTSVC, ROLE, old], [PROMPTSVC, ROLE, new], ("update", new)).concerns
        assert [(each.severity, each.text) for each in found] == [concern]


def test_what_every_service_gets_is_said_once_and_the_rest_of_a_new_service_stands_out() -> None:
    def service(name: str, *extra: str) -> list[Raw]:
        parent = component(name)
        role = resource(types.ROLE, f"{name}-role", parent, {"assumeRolePolicy": '{"Statement": []}'})
        statement = {"Effect": "Allow", "Action": "logs:Put", "Resource": [f"{name}-logs", *extra]}
        inputs = {"role": role["id"], "policy": json.dumps({"Statement": statement})}
        return [
            parent,
            role,
            resource(types.ROLE_POLICY, f"{name}-policy", parent, inputs, **references(role=role)),
            resource(types.SERVICE, f"{name}-service", parent),
        ]

    old, new = [*service("a"), *service("b")], [*service("late", "everything")]
    changes = compared(old, [*old, *new], ("create", new[2]))
    assert changes.usual == ("role <service>-role may logs:Put on <service>-logs",)
    assert changes.granted == ("role late-role may logs:Put on everything",)
