"""What a change of a deployment costs, by cause."""

from __future__ import annotations

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
    old, new = ({(each.component, each.thing): each for each in found.amounts} for found in (before, after))
    both = [(old.get(key), new.get(key)) for key in sorted({*old, *new})]
    causes = [_cause(was, will) for was, will in both]
    return [each for each in causes if abs(each.least) >= NOTHING or abs(each.most) >= NOTHING]


def _cause(was: Amount | None, will: Amount | None) -> Cause:
    least = (will.least if will else 0) - (was.least if was else 0)
    most = (will.most if will else 0) - (was.most if was else 0)
    return Cause(least=least, most=most, text=_text(was, will))


def _text(was: Amount | None, will: Amount | None) -> str:
    known = will or was
    if known is None:
        return ""
    if was and will:
        return f"{known.thing}: {was.detail} → {will.detail}" if was.detail != will.detail else known.thing
    return f"{known.thing} ({known.detail})" if known.detail else known.thing


def _expected(before: Estimate, after: Estimate) -> list[Cause]:
    old, new = ({each.thing: each.monthly or 0 for each in found.used} for found in (before, after))
    found = [(thing, new.get(thing, 0) - old.get(thing, 0)) for thing in sorted({*old, *new})]
    return [
        Cause(least=more, most=more, text=f"expected use: {thing}") for thing, more in found if abs(more) >= NOTHING
    ]
