"""What a role of the simulated cloud may do.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ecs import types
from simulator.aws.conditions import Context
from simulator.aws.permissions import Decision, Statement, decide, names_only_account, names_role, read
from simulator.cloud import Request, as_list
from simulator.store import Object


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy of a role or of a resource."""

    name: str
    """The logical name of the resource that declares it."""
    statements: Sequence[Statement]


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role with what is known of its policies."""

    name: str
    """The logical name."""
    arn: str
    region: str
    """The region of its calls."""
    policies: Sequence[Policy]
    bounds: Sequence[Policy]
    has_unknown: bool
    """Whether a policy that is not known is attached: AWS's own, or one outside of all stacks here."""

    @property
    def account(self) -> str:
        return self.arn.split(":")[4]

    def refusal(
        self,
        action: str,
        resource: str,
        *,
        context: Context | None = None,
        guards: Sequence[Object] = (),
        owner: str | None = None,
    ) -> str:
        """Why the role may not perform the action; empty if it may, as far as the policies are known.

        `guards` are objects with a `policy` of the resource. `owner` is the account of the resource; in another account
        than the role's both sides must allow.
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-cross-account.html
        """
        known = {**self._context(owner or self.account), **(context or {})}
        resource_policies = [self._about_this_role(each) for each in guards]

        def decision(policy: Policy) -> Decision:
            return decide(policy.statements, action, resource, known)

        for policy in (*self.policies, *self.bounds, *resource_policies):
            if decision(policy) == "denied":
                return f"{policy.name} denies it"
        for policy in self.bounds:
            if decision(policy) != "allowed":
                return f"the permissions boundary {policy.name} does not allow it"
        by_role = self.has_unknown or any(decision(each) == "allowed" for each in self.policies)
        granting = [each for each in resource_policies if decision(each) == "allowed"]
        if owner and owner != self.account:
            if guards and not granting:
                return f"{resource_policies[0].name} does not allow it"
        elif any(self._grants_without_the_account(each, action, resource, known) for each in granting):
            return ""
        return "" if by_role else f"no policy of {self.name} allows it"

    def _about_this_role(self, guard: Object) -> Policy:
        """The policy of a resource without the statements about other principals."""
        found = [(each, names_role(each, self.arn)) for each in _statements(guard)]
        about = [each for each, named in found if named or (named is None and each.get("Effect") == "Allow")]
        return Policy(name=guard.urn or guard.id, statements=about)

    def _grants_without_the_account(self, policy: Policy, action: str, resource: str, context: Context) -> bool:
        """Whether the policy allows the action to the role itself, so that its own policies need not."""
        direct = [each for each in policy.statements if not names_only_account(each, self.account)]
        return decide(direct, action, resource, context) == "allowed"

    def _context(self, owner: str) -> dict[str, str | None]:
        """The condition keys that are known of a call of a task.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        return {
            "aws:MultiFactorAuthPresent": None,
            "aws:PrincipalAccount": self.account,
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalIsAWSService": "false",
            "aws:PrincipalType": "AssumedRole",
            "aws:RequestedRegion": self.region,
            "aws:ResourceAccount": owner,
            "aws:SecureTransport": "true",
            "aws:username": None,
        }

    def resources(self) -> list[str]:
        """The patterns of the resources in the role's policies."""
        return [
            str(pattern)
            for policy in self.policies
            for statement in policy.statements
            for pattern in as_list(statement.get("Resource"))
        ]


def load(request: Request, arn: str | None) -> Role | None:
    """The role and the policies that are guaranteed to exist; None if there is no such role."""
    for role in request.visible(types.ROLE, arn=arn):
        return Role(
            name=role.urn or role.id,
            arn=role.properties["arn"],
            region=request.region,
            policies=[_policy(each) for each in _policies(request, role)],
            bounds=[_policy(each) for each in _objects(request, as_list(role.properties.get("permissionsBoundary")))],
            has_unknown=_has_unknown(request, role),
        )
    return None


def _policy(object: Object) -> Policy:
    return Policy(name=object.urn or object.id, statements=_statements(object))


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
