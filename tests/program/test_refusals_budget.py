"""What the simulated cloud refuses of changes of a budget."""

from __future__ import annotations

from typing import Any

import pytest

from tests.program.mutations import Case, Change, assert_refused, deployed, mutate, put, refusals

SHAPE: dict[str, Any] = {"alerts": {"emails": ["ops@example.com"]}, "budget": 200}
BUDGET = "alerts-budget"


def notification(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["notifications"][0])


CASES: list[Case] = [
    (BUDGET, put(name="a:b"), "the budget name 'a:b' has a colon"),
    (BUDGET, put(limitAmount="a lot"), "the amount 'a lot' is no number"),
    (BUDGET, put(timeUnit=None), "timeUnit is required"),
    (BUDGET, notification(subscriberSnsTopicArns=[]), "a notification has no subscriber"),
    (BUDGET, notification(subscriberSnsTopicArns=["a", "b"]), "can have one SNS topic, not 2"),
    (BUDGET, lambda found: found.update(notifications=4 * found["notifications"]), "at most 10 notifications, not 12"),
    (
        "alerts-topic-policy",
        lambda found: found.update(policy=found["policy"].replace("budgets.amazonaws", "other.amazonaws")),
        "budgets.amazonaws.com is not authorized to perform: SNS:Publish",
    ),
]


def test_a_stack_with_a_budget_is_accepted() -> None:
    assert refusals(deployed(**SHAPE)) == []


@pytest.mark.parametrize(("name", "change", "words"), CASES)
def test_a_budget_that_aws_would_refuse_is_refused(name: str, change: Change, words: str) -> None:
    world = deployed(**SHAPE)
    mutate(world, name, change)
    assert_refused(world, words)
