"""What a role of the simulated cloud may do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ecs import types
from simulator.aws.conditions import Context
from simulator.aws.permissions import Statement, decide, names_only_account, names_role, read
from simulator.cloud import Request, as_list
from simulator.store import Object


def refusal(
    request: Request,
    role_arn: str,
    action: str,
    resource: str,
    *,
    context: Context | None = None,
    guards: Sequence[Object] = (),
    owner: str | None = None,
) -> str:
    """Why the role may not perform the action; empty if it may, as far as the policies are known.

    Its own policies count if they are guaranteed to exist. `guards` are objects with a `policy` of the resource.
    `owner` is the account of the resource; in another account than the role's both sides must allow.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-cross-account.html
    """
    for role in request.visible(types.ROLE, arn=role_arn):
        known = {**_context(request, role_arn, owner or request.account), **(context or {})}
        policies = _policies(request, role)
        bounds = _objects(request, as_list(role.properties.get("permissionsBoundary")))
        about = [(each, [it for it in _statements(each) if names_role(it, role_arn)]) for each in guards]
        certain = [(each, _statements(each)) for each in [*policies, *bounds]] + about
        for policy, found in certain:
            if decide(found, action, resource, known) == "denied":
                return f"{policy.urn or policy.id} denies it"
        for bound in bounds:
            if decide(_statements(bound), action, resource, known) != "allowed":
                return f"the permissions boundary {bound.urn or bound.id} does not allow it"
        by_role = _has_unknown(request, role) or any(
            decide(_statements(each), action, resource, known) == "allowed" for each in policies
        )
        granted = [it for _, found in about for it in found if decide([it], action, resource, known) == "allowed"]
        if (owner or request.account) != request.account:
            if guards and not granted:
                return f"{guards[0].urn or guards[0].id} does not allow it"
        elif any(not names_only_account(it, request.account) for it in granted):
            return ""
        return "" if by_role else f"no policy of {role.urn or role.id} allows it"
    return "the role does not exist"


def resources(request: Request, role_arn: str) -> list[str]:
    """The patterns of the resources in the role's policies."""
    return [
        str(pattern)
        for role in request.visible(types.ROLE, arn=role_arn)
        for statement in statements(_policies(request, role))
        for pattern in as_list(statement.get("Resource"))
    ]


def endpoint(request: Request, subnets: Iterable[str], service: str) -> Context:
    """The condition keys of a call through the VPC endpoint of a service, from these subnets.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sourcevpce
    """
    networks = {each.properties.get("vpcId") for each in request.visible(types.SUBNET) if each.id in set(subnets)}
    found = [
        each
        for each in request.visible(types.VPC_ENDPOINT)
        if each.properties.get("vpcId") in networks and str(each.properties.get("serviceName")).endswith(f".{service}")
    ]
    if len(networks) != 1 or len(found) > 1:
        return {}
    return {
        "aws:SourceVpc": next(iter(networks)) if found else None,
        "aws:SourceVpce": found[0].id if found else None,
    }


def _context(request: Request, role_arn: str, owner: str) -> dict[str, str | None]:
    """The condition keys that are known of a call of a task.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    return {
        "aws:MultiFactorAuthPresent": None,
        "aws:PrincipalAccount": request.account,
        "aws:PrincipalArn": role_arn,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": "AssumedRole",
        "aws:RequestedRegion": request.region,
        "aws:ResourceAccount": owner,
        "aws:SecureTransport": "true",
        "aws:username": None,
    }


def _policies(request: Request, role: Object) -> list[Object]:
    """The inline and the attached policies that are known. A role's own `inlinePolicies` are policies with its URN."""
    name = role.properties["name"]
    own = [
        replace(role, properties={"policy": each.get("policy", "")})
        for each in as_list(role.properties.get("inlinePolicies"))
    ]
    return [*request.visible(types.ROLE_POLICY, role=name), *own, *_objects(request, _attached(request, role))]


def _attached(request: Request, role: Object) -> list[str]:
    """The ARNs of the role's managed policies."""
    attachments = request.visible(types.ROLE_POLICY_ATTACHMENT, role=role.properties["name"])
    return [
        *(each.properties["policyArn"] for each in attachments),
        *as_list(role.properties.get("managedPolicyArns")),
    ]


def _objects(request: Request, arns: Iterable[str]) -> list[Object]:
    """The managed policies with these ARNs. AWS's own, and those outside of all stacks, are not known."""
    return [each for arn in arns for each in request.visible(types.IAM_POLICY, arn=arn)]


def _has_unknown(request: Request, role: Object) -> bool:
    """Whether a policy that is not known is attached to the role."""
    return any(not _objects(request, [arn]) for arn in _attached(request, role))


def _statements(policy: Object) -> list[Statement]:
    return read(policy.properties.get("policy", ""))


def statements(policies: Iterable[Object]) -> list[Statement]:
    """The statements of inline or managed policies."""
    return [each for policy in policies for each in _statements(policy)]
