"""Roles, their policies, and what a policy allows. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase

from simulator.cloud import Call, Refusal, ResourceType, as_list

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def allows(call: Call, role_arn: str, action: str, resource: str) -> bool:
    """Whether the policies that the role surely has by now allow this. Deny statements and conditions are not read."""
    for role in call.find(ROLE, arn=role_arn):
        for policy in call.find(ROLE_POLICY, role=role.properties["name"]):
            for statement in as_list(json.loads(policy.properties["policy"])["Statement"]):
                actions = any(fnmatchcase(action, pattern) for pattern in as_list(statement["Action"]))
                if actions and any(fnmatchcase(resource, pattern) for pattern in as_list(statement["Resource"])):
                    return True
    return False


def _document(key: str) -> Refusal:
    def refuses(call: Call) -> Iterable[str]:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
        try:
            json.loads(call.inputs[key])
        except json.JSONDecodeError:
            yield "MalformedPolicyDocument: the policy is not valid JSON"

    return refuses


TYPES = {
    ROLE: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:iam::{account}:role/{name}"},
        replaces=frozenset({"name", "path"}),
        named="name",
        refuses=_document("assumeRolePolicy"),
    ),
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html: not while it has inline policies.
    ROLE_POLICY: ResourceType(
        id="{role}:{name}",
        replaces=frozenset({"name", "role"}),
        named="name",
        named_within=("role",),
        refers={"role": (ROLE, "name")},
        refuses=_document("policy"),
    ),
}
