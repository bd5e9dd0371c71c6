"""The budget of a stack, compared with its estimate, and the estimate of a first deployment."""

from __future__ import annotations

from collections.abc import Iterator

from cost.estimate import Estimate
from cost.money import between, usd
from review.changes.concerns.concern import Concern
from review.deployment.summary import Line


def concerns(before: Estimate, after: Estimate) -> Iterator[Concern]:
    """None if the change moves neither the estimate nor the budget."""
    figures = [(each.least, each.most, each.budget) for each in (before, after)]
    if after.budget is None or figures[0] == figures[1]:
        return
    if after.least > after.budget:
        text = f"is estimated at {usd(after.least)} a month, above its budget of {usd(after.budget)}"
    elif after.most > after.budget:
        most = f"{usd(after.most)} a month at the highest number of tasks and the largest storage"
        text = f"may cost {most}, above its budget of {usd(after.budget)}"
    else:
        return
    yield Concern(severity="warning", topic="budget", text=text)


def summary(costs: tuple[Estimate, Estimate] | None) -> Iterator[Line]:
    """Nothing if no price is known."""
    if costs and costs[1].amounts:
        yield Line(topic="cost", text=f"{between(costs[1].least, costs[1].most)} a month, and what costs by use")
