from __future__ import annotations

import json
from typing import Any

import pytest

from simulator.aws import iam
from simulator.cloud import Call
from tests.unit.simulator.world import World

IMAGE = "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-promptsvc"


def allowed(world: World, *statements: dict[str, Any]) -> bool:
    """Whether a role with these statements may pull the image."""
    role = world.create(iam.ROLE, name="execution", assumeRolePolicy="{}").properties["arn"]
    for number, statement in enumerate(statements):
        policy = json.dumps({"Statement": [statement]})
        world.create(iam.ROLE_POLICY, role="execution", name=f"policy-{number}", policy=policy)
    call = Call(token="", urn="", inputs={}, cloud=world.cloud, account=world.account, region=world.region)
    return iam.allows(call, role, "ecr:BatchGetImage", IMAGE)


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
@pytest.mark.parametrize(
    ("action", "resource", "may"),
    [
        ("ecr:BatchGetImage", IMAGE, True),
        ("ecr:*", IMAGE, True),
        ("*", "*", True),
        ("ecr:BatchGetImage", "arn:aws:ecr:us-east-1:000000000000:repository/mrgnl-*", True),
        ("ecr:BatchGetImage", IMAGE.replace("promptsvc", "authsvc"), False),
        ("ecr:BatchGetImage", IMAGE.replace("us-east-1", "eu-west-1"), False),
        ("ecr:PutImage", IMAGE, False),
        ("ecr:BatchGet", IMAGE, False),
    ],
)
def test_a_policy_allows_what_its_patterns_match(world: World, action: str, resource: str, may: bool) -> None:
    assert allowed(world, {"Action": [action], "Resource": [resource]}) is may


def test_action_and_resource_are_allowed_only_by_one_and_the_same_statement(world: World) -> None:
    apart = ({"Action": ["ecr:BatchGetImage"], "Resource": ["x"]}, {"Action": ["x"], "Resource": [IMAGE]})
    assert not allowed(world, *apart)


def test_a_role_without_policies_may_do_nothing(world: World) -> None:
    assert not allowed(world)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (iam.ROLE, {"name": "task", "assumeRolePolicy": "{"}),
        (iam.ROLE_POLICY, {"name": "policy", "role": "execution", "policy": "not JSON"}),
    ],
)
def test_a_policy_that_is_no_json_is_refused(world: World, token: str, inputs: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html: MalformedPolicyDocument."""
    world.create(iam.ROLE, name="execution", assumeRolePolicy="{}")
    assert world.refusal(token, **inputs) == "MalformedPolicyDocument: the policy is not valid JSON"
