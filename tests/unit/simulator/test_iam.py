from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from simulator.aws import access
from simulator.cloud import Request
from tests.declared import EVERYTHING
from tests.unit.simulator.world import TRUST, World, rejection

IMAGE = "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-promptsvc"


def allowed(world: World, *statements: dict[str, Any], **inputs: str) -> bool:
    """Whether a role with these statements may pull the image."""
    role = world.create(types.ROLE, name="execution", assumeRolePolicy=TRUST, **inputs).properties["arn"]
    for number, statement in enumerate(statements):
        policy = json.dumps({"Statement": [statement]})
        world.create(types.ROLE_POLICY, role="execution", name=f"policy-{number}", policy=policy)
    request = Request(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    loaded = access.load(request, role)
    return loaded is not None and not loaded.refusal("ecr:BatchGetImage", IMAGE)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("ecr:BatchGetImage", IMAGE, True),
        ("ecr:*", IMAGE, True),
        ("*", "*", True),
        ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-*", True),
        ("ecr:BatchGetImage", IMAGE.replace("promptsvc", "authsvc"), False),
        ("ecr:BatchGetImage", IMAGE.replace("us-east-1", "eu-west-1"), False),
        ("ecr:PutImage", IMAGE, False),
        ("ecr:BatchGet", IMAGE, False),
        ("ECR:batchgetimage", IMAGE, True),
        ("ecr:BatchGetImag?", IMAGE.replace("promptsvc", "prompts?c"), True),
    ],
)
def test_a_policy_allows_the_actions_and_resources_that_match_its_patterns(
    world: World, action: str, resource: str, expected: bool
) -> None:
    assert allowed(world, {"Effect": "Allow", "Action": [action], "Resource": [resource]}) is expected


def test_an_action_and_a_resource_in_different_statements_are_not_allowed(world: World) -> None:
    one = {"Effect": "Allow", "Action": ["ecr:BatchGetImage"], "Resource": ["arn:aws:s3:::x"]}
    other = {"Effect": "Allow", "Action": ["ecr:PutImage"], "Resource": [IMAGE]}
    assert not allowed(world, one, other)


def test_a_deny_wins(world: World) -> None:
    allow = {"Effect": "Allow", "Action": "ecr:*", "Resource": "*"}
    assert not allowed(world, allow, {"Effect": "Deny", "Action": "ecr:Batch*", "Resource": IMAGE})


@pytest.mark.parametrize(("action", "expected"), [("ecr:*", True), ("s3:*", False)])
def test_a_role_with_a_boundary_may_do_what_both_allow(world: World, action: str, expected: bool) -> None:
    bounds = json.dumps({"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})
    boundary = world.create(types.IAM_POLICY, name="tasks", policy=bounds).properties["arn"]
    assert allowed(world, {"Effect": "Allow", "Action": "*", "Resource": "*"}, permissionsBoundary=boundary) is expected


def test_a_role_without_policies_allows_no_action(world: World) -> None:
    assert not allowed(world)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (types.ROLE, {"name": "task", "assumeRolePolicy": "{"}),
        (types.ROLE_POLICY, {"name": "policy", "role": "execution", "policy": "not JSON"}),
    ],
)
def test_a_policy_that_is_not_json_is_rejected(world: World, token: str, inputs: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
    world.create(types.ROLE, name="execution", assumeRolePolicy=TRUST)
    assert world.rejection(token, **inputs) == "MalformedPolicyDocument: This policy contains invalid Json"


@pytest.mark.parametrize(
    ("size", "reason"), [(6144, ""), (6145, "LimitExceeded: Cannot exceed quota for PolicySize: 6144")]
)
def test_a_managed_policy_has_6144_characters_at_most_without_white_space(world: World, size: int, reason: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    document = json.dumps({"Id": "", **json.loads(EVERYTHING)})
    document = document.replace('""', f'"{"x" * (size - len("".join(document.split())))}"')
    if reason:
        assert world.rejection(types.IAM_POLICY, name="policy", policy=document).startswith(reason)
    else:
        world.create(types.IAM_POLICY, name="policy", policy=document)


def test_a_role_has_ten_managed_policies_at_most_and_is_not_deleted_with_one(world: World) -> None:
    role = world.create(types.ROLE, name="deploy", assumeRolePolicy=TRUST)
    policies = [world.create(types.IAM_POLICY, name=f"policy-{each}", policy=EVERYTHING) for each in range(11)]
    *first, last = [{"role": "deploy", "policyArn": each.properties["arn"]} for each in policies]
    attached = [world.create(types.ROLE_POLICY_ATTACHMENT, **each) for each in first]
    assert world.rejection(types.ROLE_POLICY_ATTACHMENT, **last) == (
        "LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
    )
    assert "is in use" in rejection(lambda: world.delete(role))
    assert "is in use" in rejection(lambda: world.delete(policies[0]))
    for each in attached:
        world.delete(each)
    world.delete(role)


def test_an_account_has_one_oidc_provider_for_a_url(world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html"""
    url = "https://token.actions.githubusercontent.com"
    arn = world.create(types.OIDC_PROVIDER, url=url, clientIdLists=["sts.amazonaws.com"]).properties["arn"]
    assert arn == "arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"
    assert "is taken" in world.rejection(types.OIDC_PROVIDER, url=url, clientIdLists=["other"])
    world.replace(account="000000000001").create(types.OIDC_PROVIDER, url=url, clientIdLists=["sts.amazonaws.com"])


def test_a_path_is_part_of_an_arn(world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns"""
    role = world.create(types.ROLE, name="deploy", path="/ci/", assumeRolePolicy=TRUST)
    policy = world.create(types.IAM_POLICY, name="tasks", path="/ci/", policy=EVERYTHING)
    assert role.properties["arn"] == "arn:aws:iam::000000000000:role/ci/deploy"
    assert policy.properties["arn"] == policy.id == "arn:aws:iam::000000000000:policy/ci/tasks"
