"""The budget on a page of changes, and the block of the cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cost.difference import Cause, Difference
from cost.estimate import Amount, Estimate
from review.changes import budget
from review.changes.stack import Changes
from review.render.blocks import blocks

BASE = Estimate(region="us-east-1", amounts=(), used=(), unknown=(), budget=None)


def estimate(least: float, most: float, limit: float | None) -> Estimate:
    amount = Amount(component="", thing="it", of="", detail="", least=least, most=most, weak=False)
    return replace(BASE, amounts=(amount,), budget=limit)


@pytest.mark.parametrize(
    ("before", "after", "texts"),
    [
        ((90, 95, 100), (99, 100, 100), []),
        ((90, 95, None), (190, 195, None), []),
        (
            (90, 95, 100),
            (99, 120, 100),
            [
                "may cost $120.00 a month at the highest number of tasks and the largest storage, above its budget of"
                " $100.00"
            ],
        ),
        ((90, 95, 100), (101, 120, 100), ["is estimated at $101.00 a month, above its budget of $100.00"]),
        ((101, 120, 200), (101, 120, 100), ["is estimated at $101.00 a month, above its budget of $100.00"]),
        ((101, 120, 100), (101, 120, 100), []),
    ],
)
def test_a_change_above_the_budget_is_a_warning(
    before: tuple[float, float, float], after: tuple[float, float, float], texts: list[str]
) -> None:
    found = list(budget.concerns(estimate(*before), estimate(*after)))
    assert [each.text for each in found] == texts
    assert {(each.severity, each.topic) for each in found} <= {("warning", "budget")}


def test_the_block_lists_causes_then_use_then_the_whole() -> None:
    found = Difference(
        causes=(Cause(least=36.5, most=36.5, text="a NAT gateway"), Cause(least=0, most=9.2, text="the database")),
        used=("data through NAT gateways: $0.045 a GB",),
        unknown=("tasks of mcp: no price of fargate-spot/arm64/vcpu in us-east-1",),
        least=150,
        most=200,
    )
    [block] = blocks(Changes(stack="dev", cost=found))
    assert (block.title, [row[0][0] for row in block.rows]) == (
        "Cost",
        [
            "+$36.50 a month: a NAT gateway",
            "at most +$9.20 a month: the database",
            "by use: data through NAT gateways: $0.045 a GB",
            "no known price: tasks of mcp: no price of fargate-spot/arm64/vcpu in us-east-1",
            "in all +$36.50 a month: $150.00 to $200.00",
        ],
    )


def test_a_page_without_a_difference_has_no_block_of_the_cost() -> None:
    assert [each.title for each in blocks(Changes(stack="dev"))] == []
