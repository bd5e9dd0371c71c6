"""The price table: on-demand list prices in USD, without taxes, discounts and free tiers, each with its source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("prices.csv")
ANYWHERE = "*"
"""The region of a price that is the same in every region of the partition aws."""
HOURS = 730
"""Hours of a month, as in AWS's own calculator: https://docs.aws.amazon.com/pricing-calculator/latest/userguide/"""


@dataclass(frozen=True, kw_only=True)
class Price:
    service: str
    """The service's code in AWS's Price List."""
    item: str
    """The name that the rules use, such as `nat-gateway`."""
    region: str
    unit: str
    usd: float
    """For one unit."""
    source: str
    date: str
    """The source's own date, or that of its reading."""
    weak: bool
    """Whether a single source says so, and not AWS's Price List itself."""


Prices = Mapping[str, Price]
"""By item, of one region."""


def of(region: str) -> Prices:
    """The prices that are known in a region. An item that is missing has no known price there."""
    ordered = sorted(table(), key=lambda each: each.region != ANYWHERE)
    return {each.item: each for each in ordered if each.region in (ANYWHERE, region)}


@cache
def table() -> tuple[Price, ...]:
    return parse(FILE.read_text())


def parse(text: str) -> tuple[Price, ...]:
    rows = csv.DictReader(io.StringIO(text))
    return tuple(Price(**{**row, "usd": float(row["usd"]), "weak": row["weak"] == "weak"}) for row in rows)  # pyright: ignore[reportArgumentType]


def render(prices: Iterable[Price]) -> str:
    """The text of the table, ordered by item and region, which `parse` reads."""
    text = io.StringIO()
    rows = csv.DictWriter(text, [each.name for each in fields(Price)], lineterminator="\n")
    rows.writeheader()
    for each in sorted(prices, key=lambda each: (each.item, each.region)):
        rows.writerow({**asdict(each), "usd": f"{each.usd:.10f}".rstrip("0").rstrip("."), "weak": "weak" * each.weak})
    return text.getvalue()
