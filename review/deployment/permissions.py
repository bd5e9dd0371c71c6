"""Splits policies into single grants, so that a longer statement shows only its new grants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from ecs import iam, types
from review.deployment.state import Properties, Resource, State
from review.deployment.toolbox import toolbox
from review.deployment.values import text
from simulator.cloud import REDACTED

TYPES = frozenset({types.ROLE_POLICY, types.ROLE_POLICY_ATTACHMENT, types.REPOSITORY_POLICY, types.BUCKET_POLICY})
TASK_ROLE = "taskRoleArn"
ROLES = {"executionRoleArn": "execution role", TASK_ROLE: "task role"}
"""The roles of a task definition by property."""
OF_DEBUG = "'s debug "
"""Before the noun in the holder of a grant of debug tasks."""
OF_EACH_TOOLBOX = frozenset(
    (*iam.PULL_ACTIONS, *iam.LOG_ACTIONS, *iam.SESSION_ACTIONS, *iam.SESSION_LOG_ACTIONS, iam.FIND_LOG_GROUP)
)
"""What debug tasks may do besides what their service may: pull the toolbox, serve sessions and log them."""


@dataclass(frozen=True, kw_only=True, order=True)
class Grant:
    """One action on one resource."""

    holder: str
    """The role or resource that the policy belongs to."""
    verb: str
    """may, or may not."""
    action: str
    resource: str
    principal: str = ""
    condition: str = ""


def grants(state: State) -> frozenset[Grant]:
    holders = _holders(state)
    return frozenset(grant for each in state.resources.values() for grant in _grants(state, each, holders))


def of_task_role(state: State, service: str) -> frozenset[Grant]:
    """The grants of the policies of a service's task role."""
    definition = state.task_definition(service)
    roles = state.referenced(definition, TASK_ROLE, types.ROLE) if definition else []
    return frozenset(
        grant
        for policy in state.of(types.ROLE_POLICY, types.ROLE_POLICY_ATTACHMENT)
        if any(role in roles for role in state.referenced(policy, "role", types.ROLE))
        for grant in _grants(state, policy, {})
    )


def is_expected(grant: Grant, every: frozenset[Grant]) -> bool:
    """Whether debug tasks have the grant because their service has it, or because all of them do."""
    of_service = replace(grant, holder=grant.holder.replace(OF_DEBUG, "'s "))
    return OF_DEBUG in grant.holder and (of_service in every or grant.action in OF_EACH_TOOLBOX)


def sentences(found: Iterable[Grant]) -> list[str]:
    """One for each holder, principal, set of resources and condition."""
    by_action: defaultdict[tuple[str, str, str, str, str], set[str]] = defaultdict(set)
    for each in found:
        by_action[each.holder, each.verb, each.principal, each.condition, each.action].add(each.resource)
    by_resources: defaultdict[tuple[str, str, str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for (holder, verb, principal, condition, action), resources in by_action.items():
        by_resources[holder, verb, principal, condition, tuple(sorted(resources))].add(action)
    return sorted(_sentence(*key, sorted(actions)) for key, actions in by_resources.items())


def _sentence(
    holder: str, verb: str, principal: str, condition: str, resources: tuple[str, ...], actions: list[str]
) -> str:
    subject = f"{holder}: {principal} {verb}" if principal else f"{holder} {verb}"
    objects = f" on {', '.join(resources)}" if any(resources) else ""
    return f"{subject} {', '.join(actions)}{objects}{f', if {condition}' if condition else ''}"


def _holders(state: State) -> dict[str, str]:
    """By URN of a role: the services whose task definitions use it, and its use there."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for definition in state.of(types.TASK_DEFINITION):
        for key, noun in ROLES.items():
            for role in state.referenced(definition, key, types.ROLE):
                debug = OF_DEBUG if toolbox(definition.inputs) else "'s "
                found[role.urn].add(f"{definition.component or definition.name}{debug}{noun}")
    return {urn: " and ".join(sorted(each)) for urn, each in found.items()}


def _grants(state: State, resource: Resource, holders: Mapping[str, str]) -> Iterator[Grant]:
    inputs = resource.inputs
    match resource.type:
        case types.ROLE:
            yield from _of_document(_role(resource, holders), inputs.get("assumeRolePolicy"))
        case types.ROLE_POLICY:
            yield from _of_document(_role_of(state, resource, holders), inputs.get("policy"))
        case types.ROLE_POLICY_ATTACHMENT:
            yield Grant(
                holder=_role_of(state, resource, holders),
                verb="may",
                action=f"all of {inputs.get('policyArn')}",
                resource="",
            )
        case types.REPOSITORY_POLICY:
            yield from _of_document(f"repository {inputs.get('repository')}", inputs.get("policy"))
        case types.BUCKET_POLICY:
            yield from _of_document(f"bucket {inputs.get('bucket')}", inputs.get("policy"))
        case _:
            pass


def _role_of(state: State, policy: Resource, holders: Mapping[str, str]) -> str:
    """The role that a policy belongs to; its name when the role is outside the stack."""
    found = state.referenced(policy, "role", types.ROLE)
    return _role(found[0], holders) if found else f"role {policy.inputs.get('role')}"


def _role(role: Resource, holders: Mapping[str, str]) -> str:
    return holders.get(role.urn, f"role {role.name}")


def _of_document(holder: str, document: Any) -> Iterator[Grant]:
    if not isinstance(document, dict):
        yield Grant(holder=holder, verb="may", action=REDACTED if document == REDACTED else str(document), resource="")
        return
    for statement in _listed(cast(Properties, document).get("Statement")):
        condition = _condition(statement.get("Condition"))
        for principal in _principals(statement):
            for action in _either(statement, "Action"):
                for resource in _either(statement, "Resource") or [""]:
                    yield Grant(
                        holder=holder,
                        verb="may" if statement.get("Effect") == "Allow" else "may not",
                        action=action,
                        resource=resource,
                        principal=principal,
                        condition=condition,
                    )


def _condition(conditions: Any) -> str:
    return " and ".join(
        f"{key} {operator} {text(_listed(value))}"
        for operator, keys in sorted(cast(dict[str, dict[str, Any]], conditions or {}).items())
        for key, value in sorted(keys.items())
    )


def _either(statement: Properties, key: str) -> list[str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"""
    return [
        *(str(each) for each in _listed(statement.get(key))),
        *(f"everything except {each}" for each in _listed(statement.get(f"Not{key}"))),
    ]


def _principals(statement: Properties) -> list[str]:
    for key, form in (("Principal", "{}"), ("NotPrincipal", "everyone except {}")):
        if key in statement:
            value = statement[key]
            lists = cast(Properties, value).values() if isinstance(value, dict) else [value]
            found = [_account(str(each)) for values in lists for each in _listed(values)]
            return [form.format("everyone" if each == "*" else each) for each in found]
    return [""]


def _account(principal: str) -> str:
    parts = principal.split(":")
    return f"account {parts[4]}" if principal.startswith("arn:aws:iam::") and parts[-1] == "root" else principal


def _listed(value: Any) -> list[Any]:
    return [] if value is None else cast(list[Any], value) if isinstance(value, list) else [value]
