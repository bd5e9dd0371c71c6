"""Roles and inline policies, and their evaluation. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ecs import types
from ecs.iam import POLICY_SIZE
from simulator.aws.permissions import Statement, decide
from simulator.cloud import Request, ResourceType, Validation, as_list
from simulator.failure import Failure
from simulator.store import Object

ATTACHED_POLICIES = 10
"""Managed policies of a role, by the default quota.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def allows(request: Request, role_arn: str, action: str, resource: str) -> bool:
    """Whether the role's policies that are guaranteed to exist, and its boundary, allow the action."""
    for role in request.visible(types.ROLE, arn=role_arn):
        policies = request.visible(types.ROLE_POLICY, role=role.properties["name"])
        bounds = request.visible(types.IAM_POLICY, arn=role.properties.get("permissionsBoundary", ""))
        within = not bounds or decide(statements(bounds), action, resource) == "allowed"
        return within and decide(statements(policies), action, resource) == "allowed"
    return False


def statements(policies: Iterable[Object]) -> list[Statement]:
    """The statements of inline or managed policies."""
    return [each for policy in policies for each in as_list(json.loads(policy.properties["policy"])["Statement"])]


def _validate_json(key: str) -> Validation:
    def validate(request: Request) -> Iterable[str]:
        """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html"""
        try:
            json.loads(request.inputs[key])
        except json.JSONDecodeError:
            yield "MalformedPolicyDocument: the policy is not valid JSON"

    return validate


def _validate_policy(request: Request) -> Iterable[str]:
    yield from _validate_json("policy")(request)
    if (size := len("".join(request.inputs["policy"].split()))) > POLICY_SIZE:
        yield f"LimitExceeded: Cannot exceed quota for PolicySize: {POLICY_SIZE}; the policy has {size} characters"


def _validate_attachments(request: Request) -> Iterable[str]:
    others = request.visible(types.ROLE_POLICY_ATTACHMENT, role=request.inputs["role"])
    if len([each for each in others if each.id != request.id]) >= ATTACHED_POLICIES:
        yield f"LimitExceeded: Cannot exceed quota for PoliciesPerRole: {ATTACHED_POLICIES}"


def _arn(request: Request, kind: str) -> str:
    return f"arn:aws:iam::{request.account}:{kind}{request.inputs.get('path', '/')}{request.inputs['name']}"


def _oidc_arn(request: Request) -> str:
    return f"arn:aws:iam::{request.account}:oidc-provider/{request.inputs['url'].removeprefix('https://')}"


TYPES = {
    types.ROLE: ResourceType(
        id="{name}",
        outputs={"arn": lambda request: _arn(request, "role")},
        replace_on_changes=frozenset({"name", "path"}),
        name_property="name",
        # IAM counts a boundary as an attachment: it cannot be deleted while a role has it.
        # https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
        references={"permissionsBoundary": (types.IAM_POLICY, "arn")},
        validate=_validate_json("assumeRolePolicy"),
        failure=Failure(
            source="iam/role.go",
            quota="LimitExceeded: Cannot exceed quota for RolesPerAccount: 1000",
        ),
    ),
    types.IAM_POLICY: ResourceType(
        id=lambda request: _arn(request, "policy"),
        outputs={"arn": lambda request: _arn(request, "policy")},
        replace_on_changes=frozenset({"description", "name", "path"}),
        name_property="name",
        validate=_validate_policy,
        failure=Failure(
            source="iam/policy.go",
            quota="LimitExceeded: Cannot exceed quota for PolicySize: 6144",
        ),
    ),
    # Neither a role with attached policies nor an attached policy can be deleted.
    types.ROLE_POLICY_ATTACHMENT: ResourceType(
        id="{role}-{hex}",
        replace_on_changes=frozenset({"policyArn", "role"}),
        references={"policyArn": (types.IAM_POLICY, "arn"), "role": (types.ROLE, "name")},
        validate=_validate_attachments,
        failure=Failure(
            source="iam/role_policy_attachment.go",
            empty_update="fails",
            quota="LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10",
        ),
    ),
    # An account has one provider for a URL.
    # https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html
    types.OIDC_PROVIDER: ResourceType(
        id=lambda request: _oidc_arn(request),
        outputs={"arn": lambda request: _oidc_arn(request)},
        replace_on_changes=frozenset({"url"}),
        name_property="url",
        failure=Failure(source="iam/openid_connect_provider.go"),
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
        failure=Failure(
            source="iam/role_policy.go",
            empty_update="applies",
            quota="LimitExceeded: Maximum policy size of 10240 bytes exceeded for role NAME",
        ),
    ),
}
