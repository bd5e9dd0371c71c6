"""Evaluates the statements of IAM policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ecs import iam
from simulator.cloud import as_list

Statement = Mapping[str, Any]
Decision = Literal["allowed", "denied", "not allowed"]


def decide(
    statements: Iterable[Statement], action: str, resource: str, context: Mapping[str, str] | None = None
) -> Decision:
    """Whether the statements allow the action. A Deny wins. `context` has the condition keys that are known.

    Conditions on other keys hold, as the simulator cannot know them.
    """
    matching = [each for each in statements if _applies(each, action, resource, context or {})]
    if any(each["Effect"] == "Deny" for each in matching):
        return "denied"
    return "allowed" if matching else "not allowed"


def _applies(statement: Statement, action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        _matches(statement["Action"], action)
        and _matches(statement["Resource"], resource)
        and all(
            context[key] in as_list(value)
            for key, value in statement.get("Condition", {}).get("StringEquals", {}).items()
            if key in context
        )
    )


def _matches(patterns: Any, value: str) -> bool:
    return any(iam.matches(pattern, value) for pattern in as_list(patterns))
