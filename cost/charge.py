"""What a rule says of a resource: what it costs whatever its use, and what its use costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cost.deployment import Deployment, Resource
from cost.prices import HOURS


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A part of the cost of one thing, for a month."""

    thing: str
    """What a reader knows it as, such as `a NAT gateway in us-east-1b`. Charges for one thing are shown as one."""
    of: str = ""
    """Whose thing it is, if several have one of the kind, such as the service of `tasks`."""
    item: str
    """Of the price table."""
    least: float
    """Units a month."""
    most: float
    """Units a month at the highest number of tasks or the largest storage."""
    detail: str = ""
    """What the number of units follows from, such as `db.m7g.large`."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What one more unit costs. The use is known by the stack file's expectation, if at all."""

    thing: str
    """One line for all resources with the same thing and item."""
    item: str
    units: float | None = None
    """Expected units a month."""


Found = Iterator[Charge | Usage]
Rule = Callable[[Resource, Deployment], Found]


def hourly(
    thing: str, item: str, number: float = 1, most: float | None = None, *, detail: str = "", of: str = ""
) -> Charge:
    """A charge for a number of things, each by the hour."""
    highest = number if most is None else most
    return monthly(thing, item, HOURS * number, HOURS * highest, detail=detail, of=of)


def monthly(
    thing: str, item: str, number: float = 1, most: float | None = None, *, detail: str = "", of: str = ""
) -> Charge:
    """A charge for a number of units, each by the month."""
    highest = number if most is None else most
    return Charge(thing=thing, of=of, item=item, least=number, most=highest, detail=detail)


def number(value: object, otherwise: float = 0) -> float:
    """A number of an input, which may be text; `otherwise` for what is missing or no number."""
    try:
        return float(str(value))
    except ValueError:
        return otherwise
