"""The estimate: a pure function of a deployment. What costs whatever its use is summed; what costs by use is named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cost import prices
from cost.charge import Charge, Usage
from cost.deployment import Deployment, Resource
from cost.prices import HOURS, Price
from cost.rules import FREE, RULES
from cost.rules.monitoring import ALARMS
from ecs import types


@dataclass(frozen=True, kw_only=True)
class Amount:
    """What one thing costs in a month, in USD."""

    thing: str
    of: str
    """As in Charge."""
    component: str
    """That contains the resources; empty outside any."""
    detail: str
    least: float
    most: float
    """At the highest number of tasks and the largest storage."""
    weak: bool
    """Whether a price in it is weak."""

    @property
    def name(self) -> str:
        """As `tasks of chatsvc`."""
        return f"{self.thing} of {self.of}" if self.of else self.thing


@dataclass(frozen=True, kw_only=True)
class Used:
    """What costs by use."""

    thing: str
    usd: float
    """For one unit."""
    unit: str
    weak: bool
    monthly: float | None
    """USD a month by the stack file's expectation; None without one."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    region: str
    """Empty if it is not known; then nothing has a price."""
    amounts: tuple[Amount, ...]
    used: tuple[Used, ...]
    unknown: tuple[str, ...]
    """What has no known price, in words: it is not in the amounts."""
    budget: float | None
    """USD a month that the stack file allows."""

    @property
    def expected(self) -> float:
        """USD a month by the stack file's expectations of use."""
        return sum(each.monthly or 0 for each in self.used)

    @property
    def least(self) -> float:
        return sum(each.least for each in self.amounts) + self.expected

    @property
    def most(self) -> float:
        return sum(each.most for each in self.amounts) + self.expected


def estimate(deployment: Deployment) -> Estimate:
    known = prices.of(deployment.region)
    charges: defaultdict[tuple[str, str, str], list[Charge]] = defaultdict(list)
    usages: dict[tuple[str, str], Usage] = {}
    unknown: list[str] = []
    for resource in deployment.resources.values() if deployment.region else ():
        if resource.type not in RULES and resource.type not in FREE:
            unknown.append(f"{resource.type}: no rule")
        for each in _found(resource, deployment):
            if each.item not in known:
                unknown.append(f"{_name(each)}: no price of {each.item} in {deployment.region}")
            elif isinstance(each, Charge):
                charges[each.thing, each.of, resource.component].append(each)
            else:
                usages[each.thing, each.item] = each
    return Estimate(
        region=deployment.region,
        amounts=tuple(_amount(*of, found, known) for of, found in sorted(charges.items())),
        used=tuple(_used(each, known[each.item]) for each in usages.values()),
        unknown=tuple(dict.fromkeys(unknown)),
        budget=_budget(deployment),
    )


def hour_of_tasks(estimate: Estimate, service: str) -> float:
    """USD for one hour of a service's tasks, at their lowest number: what a rollout with twice the tasks adds."""
    return sum(each.least for each in estimate.amounts if each.of == service and each.thing != ALARMS) / HOURS


def _found(resource: Resource, deployment: Deployment) -> Iterator[Charge | Usage]:
    rule = RULES.get(resource.type)
    return rule(resource, deployment) if rule else iter(())


def _name(found: Charge | Usage) -> str:
    return f"{found.thing} of {found.of}" if isinstance(found, Charge) and found.of else found.thing


def _amount(thing: str, of: str, component: str, found: list[Charge], known: prices.Prices) -> Amount:
    details = dict.fromkeys(each.detail for each in found if each.detail)
    return Amount(
        thing=thing,
        of=of,
        component=component,
        detail="; ".join(details),
        least=sum(each.least * known[each.item].usd for each in found),
        most=sum(each.most * known[each.item].usd for each in found),
        weak=any(known[each.item].weak for each in found),
    )


def _used(usage: Usage, price: Price) -> Used:
    monthly = None if usage.units is None else usage.units * price.usd
    return Used(thing=usage.thing, usd=price.usd, unit=price.unit, weak=price.weak, monthly=monthly)


def _budget(deployment: Deployment) -> float | None:
    found = [float(each.inputs["limitAmount"]) for each in deployment.of(types.BUDGET)]
    return found[0] if found else None
