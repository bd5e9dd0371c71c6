"""Evaluates the statements of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from simulator.aws.conditions import Context, Known, all_of, any_of, hold, matches, negated
from simulator.aws.values import mapping
from simulator.cloud import as_list

Statement = Mapping[str, Any]
Decision = Literal["allowed", "denied", "not allowed"]
NOT_VARIABLES = "2008-10-17"
"""The version of the policy language without policy variables, which is the default.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html"""


def read(document: str) -> list[Statement]:
    """The statements of a policy document; none if it is malformed."""
    try:
        content = json.loads(document)
        if content.get("Version", NOT_VARIABLES) == NOT_VARIABLES:
            content = json.loads(document.replace("${", "${$}{"))
        return [each for each in as_list(content.get("Statement")) if isinstance(each, dict)]
    except (ValueError, AttributeError, TypeError):
        return []


def decide(statements: Iterable[Statement], action: str, resource: str, context: Context | None = None) -> Decision:
    """Whether the statements allow the action. A Deny wins. `context` has the condition keys that are known.

    An Allow whose conditions are not known holds, and a Deny does not.
    """
    found = [(each.get("Effect"), applies(each, action, resource, context or {})) for each in statements]
    if ("Deny", True) in found:
        return "denied"
    return "allowed" if ("Allow", True) in found or ("Allow", None) in found else "not allowed"


def applies(statement: Statement, action: str, resource: str, context: Context) -> Known:
    """Whether the statement is about the action, the resource and the context."""
    return all_of(
        [
            _element(statement, "Action", action, context, ignore_case=True),
            _element(statement, "Resource", resource, context),
            hold(statement.get("Condition", {}), context),
        ]
    )


def _element(statement: Statement, key: str, value: str, context: Context, *, ignore_case: bool = False) -> Known:
    """Whether the value is in the element `key`, or outside of the element `Not` + `key`.

    A statement of a trust policy or of a repository's policy has no resource.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
    """
    present = key if key in statement else f"Not{key}"
    if present not in statement:
        return key == "Resource"
    found = any_of(matches(str(each), value, context, ignore_case=ignore_case) for each in as_list(statement[present]))
    return found if present == key else negated(found)


def principals(statement: Statement, kind: str) -> list[str]:
    """The principals of one kind, such as `AWS` or `Service`. `*` is every principal."""
    found = statement.get("Principal")
    return as_list(mapping(found).get(kind) if isinstance(found, dict) else found)


def names_service(statement: Statement, service: str) -> Known:
    """Whether the statement of a trust policy is about an AWS service.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = principals(statement, "Service")
    return True if service in found else None if "*" in found or "NotPrincipal" in statement else False


def names_role(statement: Statement, role: str) -> Known:
    """Whether the statement of a resource's policy is about the role, by itself or with its whole account."""
    if "NotPrincipal" in statement:
        return None
    account, found = role.split(":")[4], principals(statement, "AWS")
    session = f"arn:aws:sts::{account}:assumed-role/{role.rpartition('/')[2]}/"
    if {"*", account, f"arn:aws:iam::{account}:root", role} & set(found):
        return True
    return None if any(str(each).startswith(session) for each in found) else False


def names_only_account(statement: Statement, account: str) -> bool:
    """Whether the statement leaves it to the account which of its roles it is about."""
    return not {account, f"arn:aws:iam::{account}:root"}.isdisjoint(principals(statement, "AWS"))
