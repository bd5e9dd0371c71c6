"""Roles and their policies. https://docs.aws.amazon.com/IAM/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.fields import is_simulated
from ecs import types
from ecs.iam import POLICY_SIZE
from simulator.aws import policy_grammar
from simulator.aws.permissions import read
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure

QUOTAS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"
ATTACHED_POLICIES = 10
"""Managed policies of a role, by the default quota: QUOTAS."""
TRUST_SIZE = 2048
INLINE_SIZE = 10240
"""Characters without white space, of a trust policy and of all inline policies of a role: QUOTAS."""


role = Checks[Request](types.ROLE)
role_policy = Checks[Request](types.ROLE_POLICY)
managed_policy = Checks[Request](types.IAM_POLICY)
attachment = Checks[Request](types.ROLE_POLICY_ATTACHMENT)

GRAMMAR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"


def _malformed(document: object, kind: policy_grammar.Kind) -> Iterator[str]:
    yield from (f"MalformedPolicyDocument: {each}" for each in policy_grammar.problems(document, kind))


@role(GRAMMAR, confirmed="recorded answer")
def trust_is_a_policy(request: Request) -> Iterator[str]:
    """The trust policy names who may assume the role, and no resource."""
    yield from _malformed(request.inputs.get("assumeRolePolicy"), policy_grammar.TRUST)


@role("https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html", confirmed="moto")
def trust_is_about_sts(request: Request) -> Iterator[str]:
    """The actions of a trust policy are those of STS."""
    for statement in read(request.inputs.get("assumeRolePolicy", "")):
        for action in as_list(statement.get("Action")):
            if not str(action).lower().startswith(("sts:", "*")):
                yield f"MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions: {action}"


@role(QUOTAS)
def trust_is_short(request: Request) -> Iterator[str]:
    """A trust policy has 2048 characters at most without white space, by the default quota."""
    if (size := _size(request.inputs.get("assumeRolePolicy"))) > TRUST_SIZE:
        yield f"LimitExceeded: Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}; the policy has {size} characters"


@role(GRAMMAR)
def inline_policies_of_a_role_are_policies(request: Request) -> Iterator[str]:
    """The inline policies that are declared with a role name actions and resources, and no principal."""
    for each in as_list(request.inputs.get("inlinePolicies")):
        if each.get("policy"):
            yield from _malformed(each["policy"], policy_grammar.IDENTITY)


@managed_policy(GRAMMAR, confirmed="recorded answer")
@role_policy(GRAMMAR, confirmed="recorded answer")
def policy_is_a_policy(request: Request) -> Iterator[str]:
    """A policy of a role names actions and resources, and no principal."""
    yield from _malformed(request.inputs.get("policy"), policy_grammar.IDENTITY)


@role_policy(QUOTAS)
def inline_policies_are_short(request: Request) -> Iterator[str]:
    """The inline policies of a role have 10240 characters at most together, without white space."""
    name = request.inputs.get("role")
    others = [each for each in request.visible(types.ROLE_POLICY, role=name) if each.id != request.id]
    documents = [request.inputs.get("policy"), *(each.properties.get("policy") for each in others)]
    if sum(map(_size, documents)) > INLINE_SIZE:
        yield f"LimitExceeded: Maximum policy size of {INLINE_SIZE} bytes exceeded for role {name}"


@managed_policy(QUOTAS)
def managed_policy_is_short(request: Request) -> Iterator[str]:
    """A managed policy has 6144 characters at most without white space."""
    if (size := _size(request.inputs.get("policy"))) > POLICY_SIZE:
        yield f"LimitExceeded: Cannot exceed quota for PolicySize: {POLICY_SIZE}; the policy has {size} characters"


@attachment(QUOTAS)
def attached_policies_are_few(request: Request) -> Iterator[str]:
    """A role has 10 managed policies at most, by the default quota."""
    others = request.visible(types.ROLE_POLICY_ATTACHMENT, role=request.inputs["role"])
    if len([each for each in others if each.id != request.id]) >= ATTACHED_POLICIES:
        yield f"LimitExceeded: Cannot exceed quota for PoliciesPerRole: {ATTACHED_POLICIES}"


def _size(document: object) -> int:
    """The characters of a policy as IAM counts them: without white space."""
    return len("".join(str(document or "").split()))


def _can_be_outside(arn: str) -> bool:
    """AWS's own policies, and those of an account that is not simulated."""
    found = re.fullmatch(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/.+", arn)
    return bool(found) and not is_simulated(found[1])


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
        validate=role.reasons,
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
        validate=managed_policy.reasons,
        outside=_can_be_outside,
        failure=Failure(
            source="iam/policy.go",
            missing="NoSuchEntity",
            quota="LimitExceeded: Cannot exceed quota for PolicySize: 6144",
        ),
    ),
    # Neither a role with attached policies nor an attached policy can be deleted.
    types.ROLE_POLICY_ATTACHMENT: ResourceType(
        id="{role}-{hex}",
        replace_on_changes=frozenset({"policyArn", "role"}),
        references={"policyArn": (types.IAM_POLICY, "arn"), "role": (types.ROLE, "name")},
        validate=attachment.reasons,
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
        validate=role_policy.reasons,
        failure=Failure(
            source="iam/role_policy.go",
            empty_update="applies",
            quota="LimitExceeded: Maximum policy size of 10240 bytes exceeded for role NAME",
        ),
    ),
}
