"""What a role may do with resources that have a policy or an account of their own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-cross-account.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from ecs.iam import PULL_ACTIONS
from tests.unit.simulator.promptsvc import Promptsvc

OTHER = "000000000001"


def prod(dev: Promptsvc, **statement: Any) -> Promptsvc:
    """A service of another account, whose role may pull all images; the repository's policy has this statement."""
    prod = Promptsvc(dev.world.replace(account=OTHER))
    prod.allow(*((action, ["arn:aws:ecr:us-east-1:000000000000:repository/*"]) for action in PULL_ACTIONS))
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}, "Action": "ecr:*"}
    policy = json.dumps({"Statement": [{**allow, **statement}]})
    dev.world.create(types.REPOSITORY_POLICY, "consumers", repository="mrgnl-promptsvc", policy=policy)
    return prod


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": OTHER},
        {"AWS": [f"arn:aws:iam::{OTHER}:root"]},
        {"AWS": f"arn:aws:iam::{OTHER}:role/execution"},
    ],
)
def test_an_image_of_another_account_is_pulled_if_both_sides_allow_it(promptsvc: Promptsvc, principal: object) -> None:
    other = prod(promptsvc, Principal=principal)
    assert other.deploy(other.container(image=promptsvc.image))


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/another"}}, "consumers does not allow it"),
        ({"Effect": "Deny"}, "the repository's policy does not let account 000000000001 pull"),
        ({"Principal": {"AWS": "111122223333"}}, "the repository's policy does not let account 000000000001 pull"),
        ({"Action": "ecr:BatchGetImage"}, "the repository's policy does not let account 000000000001 pull"),
        (
            {"Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}},
            "the repository's policy does not let account 000000000001 pull",
        ),
    ],
)
def test_an_image_of_another_account_is_not_pulled_if_the_repository_does_not_allow_it(
    promptsvc: Promptsvc, statement: dict[str, Any], reason: str
) -> None:
    other = prod(promptsvc, **statement)
    assert reason in other.failure(other.container(image=promptsvc.image))


def test_an_image_of_another_account_is_not_pulled_if_only_the_repository_allows_it(promptsvc: Promptsvc) -> None:
    other = prod(promptsvc)
    for each in other.world.all(types.ROLE_POLICY):
        if each != other.policy:
            other.world.store.remove(each)
    assert "no policy of execution allows it" in other.failure(other.container(image=promptsvc.image))


def test_a_secret_of_another_account_is_read_only_if_its_policy_allows_it(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html"""
    other = prod(promptsvc)
    other.allow(("secretsmanager:GetSecretValue", ["arn:aws:secretsmanager:us-east-1:000000000000:secret:*"]))
    container = other.container(secrets=[{"name": "URL", "valueFrom": promptsvc.secret}])
    assert f"on {promptsvc.secret}: it does not allow it" in other.failure(container, name="first")
    allow = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "secretsmanager:*", "Resource": "*"}
    secret = promptsvc.world.get(types.SECRET, promptsvc.secret)
    promptsvc.world.change(secret, policy=json.dumps({"Statement": [allow]}))
    assert other.deploy(container, name="second")


def test_the_key_of_a_secret_is_used_with_a_permission_of_its_own(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"""
    key = promptsvc.world.create(types.KMS_KEY, "key").properties
    promptsvc.world.create(types.KMS_ALIAS, "alias", name="alias/secrets", targetKeyId=key["keyId"])
    for number, name in enumerate((key["arn"], key["keyId"], "alias/secrets")):
        promptsvc.world.change(promptsvc.world.get(types.SECRET, promptsvc.secret), kmsKeyId=name)
        assert f"is not authorized to perform kms:Decrypt on {key['arn']}" in promptsvc.failure(
            name=f"service-{number}"
        )
    promptsvc.allow(("kms:Decrypt", [key["arn"]]))
    assert promptsvc.deploy()


@pytest.mark.parametrize("name", ["alias/aws/secretsmanager", "arn:aws:kms:us-east-1:111122223333:key/x"])
def test_the_key_of_aws_and_a_key_that_no_stack_has_need_no_permission(promptsvc: Promptsvc, name: str) -> None:
    promptsvc.world.change(promptsvc.world.get(types.SECRET, promptsvc.secret), kmsKeyId=name)
    assert promptsvc.deploy()


def test_the_key_of_a_json_secret_is_read(promptsvc: Promptsvc) -> None:
    version = promptsvc.world.create(
        types.SECRET_VERSION, "json", secretId=promptsvc.secret, secretString='{"url": "x", "user": "y"}'
    ).properties["versionId"]
    secret = f"{promptsvc.secret}:{{}}::{version}"
    assert promptsvc.deploy(promptsvc.container(secrets=[{"name": "URL", "valueFrom": secret.format("url")}]))
    refused = promptsvc.failure(
        promptsvc.container(secrets=[{"name": "URL", "valueFrom": secret.format("uri")}]), name="b"
    )
    assert "did not contain json key uri" in refused
    assert "it has url, user" in refused


def test_the_keys_of_a_secret_without_a_known_value_are_not_checked(promptsvc: Promptsvc) -> None:
    version = promptsvc.world.all(types.SECRET_VERSION)[0]
    promptsvc.world.change(version, jsonKeys=None)
    secret = {"name": "URL", "valueFrom": f"{promptsvc.secret}:url::"}
    assert promptsvc.deploy(promptsvc.container(secrets=[secret]))


def test_a_stage_of_a_secret_is_the_current_one_the_former_one_or_a_declared_one(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"""
    create = {"secretId": promptsvc.secret, "secretString": "x"}
    promptsvc.world.create(types.SECRET_VERSION, "second", **create, versionStages=["blue"])
    for stage in ("AWSCURRENT", "AWSPREVIOUS", "blue"):
        secret = {"name": "URL", "valueFrom": f"{promptsvc.secret}::{stage}:"}
        assert promptsvc.world.update(promptsvc.deploy(promptsvc.container(secrets=[secret]), name=f"s-{stage}"))
    secret = {"name": "URL", "valueFrom": f"{promptsvc.secret}::green:"}
    assert "staging label: green" in promptsvc.failure(promptsvc.container(secrets=[secret]), name="s-green")


def test_a_vpc_endpoint_is_known_to_the_conditions(promptsvc: Promptsvc) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
    endpoints = promptsvc.endpoints_instead_of_routes()
    deny = {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}
    condition = {"StringNotEquals": {"aws:SourceVpce": endpoints["secretsmanager"].id}}
    create = {"name": "perimeter", "role": "execution"}
    policy = promptsvc.world.create(
        types.ROLE_POLICY, "perimeter", **create, policy=json.dumps({"Statement": [{**deny, "Condition": condition}]})
    )
    assert promptsvc.deploy()
    condition = {"StringNotEquals": {"aws:SourceVpce": endpoints["logs"].id}}
    promptsvc.world.change(policy, policy=json.dumps({"Statement": [{**deny, "Condition": condition}]}))
    assert "perimeter denies it" in promptsvc.failure(name="another")
