"""Renders an estimate for a terminal, with a bar for each amount, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from cost.advice import Advice
from cost.estimate import Amount, Estimate
from cost.money import between, unit_price, usd

BAR = 20
"""Columns of the longest bar."""
WEAK = "*"
BASIS = "List prices for a month of 730 hours, without taxes, discounts and free tiers: docs/cost.md."


def show(console: Console, stack: str, found: Estimate, advice: Iterable[Advice] | None = None) -> None:
    console.print(_amounts(stack, found))
    console.print(_used(found))
    if advice is not None:
        console.print(_advice(advice))
    for line in _notes(found):
        console.print(line, soft_wrap=True)


def _amounts(stack: str, found: Estimate) -> Table:
    table = Table(title=f"{stack}: {between(found.least, found.most)} a month", title_justify="left")
    table.add_column("what")
    table.add_column("a month", justify="right")
    table.add_column("")
    longest = max((each.most for each in found.amounts), default=0)
    for each in sorted(found.amounts, key=lambda each: -each.least):
        table.add_row(_what(each), between(each.least, each.most), _bar(each, longest))
    if found.expected:
        table.add_row("the expected use", usd(found.expected), "")
    return table


def _what(amount: Amount) -> str:
    detail = f" ({amount.detail})" if amount.detail else ""
    return f"{amount.name}{detail}{WEAK * amount.weak}"


def _bar(amount: Amount, longest: float) -> str:
    """Solid up to the lowest amount, light up to the highest."""
    least, most = (round(BAR * each / longest) if longest else 0 for each in (amount.least, amount.most))
    return "█" * least + "░" * (most - least)


def _used(found: Estimate) -> Table:
    table = Table(title="By use", title_justify="left")
    table.add_column("what")
    table.add_column("price")
    table.add_column("expected a month", justify="right")
    for each in found.used:
        expected = "" if each.monthly is None else usd(each.monthly)
        table.add_row(f"{each.thing}{WEAK * each.weak}", f"{unit_price(each.usd)} / {each.unit}", expected)
    return table


def _advice(advice: Iterable[Advice]) -> Table:
    table = Table(title="What costs less", title_justify="left")
    table.add_column("in the stack file")
    table.add_column("saves a month", justify="right")
    table.add_column("at most tasks", justify="right")
    table.add_column("gives up")
    for each in advice:
        table.add_row(each.text, usd(each.saves_least), usd(each.saves_most), each.loses)
    return table


def _notes(found: Estimate) -> Iterator[str]:
    yield BASIS
    if any(each.weak for each in (*found.amounts, *found.used)):
        yield f"{WEAK} a price of a single or weak source."
    for each in found.unknown:
        yield f"Not in the amounts: {each}."
    if found.budget is not None:
        yield f"Budget: {usd(found.budget)} a month."


def as_json(found: Estimate, advice: Iterable[Advice] | None = None) -> str:
    content = {**asdict(found), "least": found.least, "most": found.most, "expected": found.expected}
    if advice is not None:
        content["advice"] = [asdict(each) for each in advice]
    return json.dumps(content, indent=2)
