"""Roles and inline policies, and their evaluation. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase

from ecs import types
from simulator.cloud import Request, ResourceType, Validation, as_list


def allows(request: Request, role_arn: str, action: str, resource: str) -> bool:
    """Whether the role's policies that are guaranteed to exist allow the action. Ignores Deny and conditions."""
    for role in request.visible(types.ROLE, arn=role_arn):
        for policy in request.visible(types.ROLE_POLICY, role=role.properties["name"]):
            for statement in as_list(json.loads(policy.properties["policy"])["Statement"]):
                actions = any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
                if actions and any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"])):
                    return True
    return False


def _validate_json(key: str) -> Validation:
    def validate(request: Request) -> Iterable[str]:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
        try:
            json.loads(request.inputs[key])
        except json.JSONDecodeError:
            yield "MalformedPolicyDocument: the policy is not valid JSON"

    return validate


TYPES = {
    types.ROLE: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:iam::{account}:role/{name}"},
        replace_on_changes=frozenset({"name", "path"}),
        name_property="name",
        validate=_validate_json("assumeRolePolicy"),
    ),
    # A role cannot be deleted while it has inline policies.
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
    types.ROLE_POLICY: ResourceType(
        id="{role}:{name}",
        replace_on_changes=frozenset({"name", "role"}),
        name_property="name",
        name_scope=("role",),
        references={"role": (types.ROLE, "name")},
        validate=_validate_json("policy"),
    ),
}
