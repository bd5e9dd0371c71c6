"""What a change of a deployment costs, by cause."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from cost.estimate import Amount, Estimate
from cost.money import unit_price

NOTHING = 0.005
"""USD a month; less is no difference."""


@dataclass(frozen=True, kw_only=True)
class Cause:
    least: float
    """USD a month more at the lowest number of tasks; negative for less."""
    most: float
    """USD a month more at the highest number of tasks and the largest storage."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Difference:
    causes: tuple[Cause, ...]
    """The largest first."""
    used: tuple[str, ...]
    """What newly costs by use, with its price."""
    unknown: tuple[str, ...]
    """What has newly no known price."""
    least: float
    """USD a month after the change."""
    most: float

    @property
    def more(self) -> float:
        """USD a month more at the lowest number of tasks."""
        return sum(each.least for each in self.causes)


def difference(before: Estimate, after: Estimate) -> Difference | None:
    """None if the change costs nothing and saves nothing."""
    causes = sorted([*_amounts(before, after), *_expected(before, after)], key=lambda each: -abs(each.least))
    known = {each.thing for each in before.used}
    used = tuple(
        f"{each.thing}: {unit_price(each.usd)} a {each.unit}" for each in after.used if each.thing not in known
    )
    unknown = tuple(each for each in after.unknown if each not in before.unknown)
    if not (causes or used or unknown):
        return None
    return Difference(causes=tuple(causes), used=used, unknown=unknown, least=after.least, most=after.most)


def _amounts(before: Estimate, after: Estimate) -> list[Cause]:
    """One for all that have the same of the same kind, such as the tasks of several services."""
    old, new = ({(each.thing, each.of, each.component): each for each in found.amounts} for found in (before, after))
    alike: defaultdict[tuple[str, str], list[tuple[str, float, float]]] = defaultdict(list)
    for key in sorted({*old, *new}):
        was, will = old.get(key), new.get(key)
        least, most = _least(will) - _least(was), _most(will) - _most(was)
        if abs(least) >= NOTHING or abs(most) >= NOTHING:
            alike[key[0], _change(was, will)].append((key[1], least, most))
    return [
        Cause(least=sum(least for _, least, _ in found), most=sum(most for *_, most in found), text=_text(*key, found))
        for key, found in alike.items()
    ]


def _text(thing: str, change: str, found: list[tuple[str, float, float]]) -> str:
    owners = ", ".join(owner for owner, *_ in found if owner)
    return f"{thing}{f' of {owners}' if owners else ''}{change}"


def _change(was: Amount | None, will: Amount | None) -> str:
    if was and will:
        return f": {was.detail} → {will.detail}" if was.detail != will.detail else ""
    known = will or was
    return f" ({known.detail})" if known and known.detail else ""


def _least(amount: Amount | None) -> float:
    return amount.least if amount else 0


def _most(amount: Amount | None) -> float:
    return amount.most if amount else 0


def _expected(before: Estimate, after: Estimate) -> list[Cause]:
    old, new = ({each.thing: each.monthly or 0 for each in found.used} for found in (before, after))
    found = [(thing, new.get(thing, 0) - old.get(thing, 0)) for thing in sorted({*old, *new})]
    return [
        Cause(least=more, most=more, text=f"expected use: {thing}") for thing, more in found if abs(more) >= NOTHING
    ]
