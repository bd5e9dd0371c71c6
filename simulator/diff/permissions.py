"""Who may do what: policies taken apart into single grants, so that a longer statement shows only what is new."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from simulator.aws import ecr, iam, s3
from simulator.diff.differences import text
from simulator.diff.state import SECRET, Properties, Resource, State

ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
TYPES = frozenset({iam.ROLE_POLICY, ATTACHMENT, ecr.REPOSITORY_POLICY, s3.BUCKET_POLICY})


@dataclass(frozen=True, kw_only=True, order=True)
class Grant:
    """One action on one resource."""

    holder: str
    """Whose policy says it."""
    verb: str
    """may, or may not."""
    action: str
    resource: str
    principal: str = ""
    condition: str = ""


def grants(state: State) -> frozenset[Grant]:
    return frozenset(grant for each in state.resources.values() for grant in _grants(each))


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
    who = f"{holder}: {principal} {verb}" if principal else f"{holder} {verb}"
    where = f" on {', '.join(resources)}" if any(resources) else ""
    return f"{who} {', '.join(actions)}{where}{f', if {condition}' if condition else ''}"


def _grants(resource: Resource) -> Iterator[Grant]:
    inputs = resource.inputs
    match resource.type:
        case iam.ROLE:
            yield from _of_document(_role(resource.name), inputs.get("assumeRolePolicy"))
        case iam.ROLE_POLICY:
            yield from _of_document(_role(str(inputs.get("role"))), inputs.get("policy"))
        case "aws:iam/rolePolicyAttachment:RolePolicyAttachment":
            yield Grant(
                holder=_role(str(inputs.get("role"))),
                verb="may",
                action=f"all of {inputs.get('policyArn')}",
                resource="",
            )
        case ecr.REPOSITORY_POLICY:
            yield from _of_document(f"repository {inputs.get('repository')}", inputs.get("policy"))
        case s3.BUCKET_POLICY:
            yield from _of_document(f"bucket {inputs.get('bucket')}", inputs.get("policy"))
        case _:
            pass


def _of_document(holder: str, document: Any) -> Iterator[Grant]:
    if not isinstance(document, dict):
        yield Grant(holder=holder, verb="may", action=SECRET if document == SECRET else str(document), resource="")
        return
    for statement in _listed(cast(Properties, document).get("Statement")):
        condition = _condition(statement.get("Condition"))
        for principal in _principals(statement):
            for action in _either(statement, "Action"):
                for where in _either(statement, "Resource") or [""]:
                    yield Grant(
                        holder=holder,
                        verb="may" if statement.get("Effect") == "Allow" else "may not",
                        action=action,
                        resource=where,
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
        *(f"everything but {each}" for each in _listed(statement.get(f"Not{key}"))),
    ]


def _principals(statement: Properties) -> list[str]:
    for key, said in (("Principal", "{}"), ("NotPrincipal", "everybody but {}")):
        if key in statement:
            value = statement[key]
            named = cast(Properties, value).values() if isinstance(value, dict) else [value]
            found = [_account(str(each)) for values in named for each in _listed(values)]
            return [said.format("everybody" if each == "*" else each) for each in found]
    return [""]


def _account(principal: str) -> str:
    parts = principal.split(":")
    return f"account {parts[4]}" if principal.startswith("arn:aws:iam::") and parts[-1] == "root" else principal


def _listed(value: Any) -> list[Any]:
    return [] if value is None else cast(list[Any], value) if isinstance(value, list) else [value]


def _role(name: str) -> str:
    for suffix, words in (("-task-execution", "execution role"), ("-task-role", "task role")):
        if name.endswith(suffix):
            return f"{name.removesuffix(suffix)}'s {words}"
    return f"role {name}"
