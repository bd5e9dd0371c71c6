"""The house rule on what a stack may cost: docs/adr/0019-the-budget-is-checked-where-the-estimate-is.md"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_lowercase

from cost.deployment import Deployment
from cost.deployment import Resource as Priced
from cost.estimate import estimate
from cost.money import usd
from ecs import types
from policy.rule import Resource, of, stack_rule


@stack_rule(
    id="a-stack-stays-within-its-budget",
    description="The estimated cost of a stack, at the lowest number of tasks, is not above its budget.",
    fix="Raise `budget` in the stack file, or make less: `make cost ADVICE=1` lists what.",
    source="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html",
)
def a_stack_stays_within_its_budget(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    for budget in of(resources, types.BUDGET):
        found = estimate(_deployment(resources))
        limit = float(budget.props["limitAmount"])
        if found.least > limit:
            yield budget, f"the stack is estimated at {usd(found.least)} a month, above its budget of {usd(limit)}"


def _deployment(resources: Sequence[Resource]) -> Deployment:
    """Its region is that of its zones: a preview knows no ARN yet."""
    zones = [str(each.props.get("availabilityZone")) for each in of(resources, types.SUBNET)]
    return Deployment(
        region=zones[0].rstrip(ascii_lowercase) if zones else "",
        resources={
            each.urn: Priced(urn=each.urn, type=each.type, name=each.name, inputs=each.props, references=each.uses)
            for each in resources
        },
    )
