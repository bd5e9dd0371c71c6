"""The price table: every row has a source, and every price that a rule names is there for one region at least."""

from __future__ import annotations

import re

import pytest

from cost import prices
from cost.prices import ANYWHERE, Price
from cost.rules import FREE, RULES
from ecs import types
from simulator.engine import TYPES

DECLARED = (*TYPES, types.STASH)
"""The types that a program can declare; the engine itself has that of a stash."""
TABLE = prices.table()


def price(item: str, region: str, usd: float) -> Price:
    return Price(service="s", item=item, region=region, unit="hour", usd=usd, source="a", date="2026-01-01", weak=False)


def test_every_price_has_a_source_and_a_date() -> None:
    assert TABLE
    assert [each for each in TABLE if not each.source or not re.fullmatch(r"\d{4}-\d\d-\d\d", each.date)] == []


def test_an_item_has_one_price_in_a_region() -> None:
    keys = [(each.item, each.region) for each in TABLE]
    assert len(keys) == len(set(keys))


def test_an_item_has_one_unit_and_one_service() -> None:
    """A rule counts in that unit, whatever the region."""
    assert len({(each.item, each.unit, each.service) for each in TABLE}) == len({each.item for each in TABLE})


def test_the_table_is_as_it_is_written() -> None:
    assert prices.render(TABLE) == prices.FILE.read_text(), "python -m tools.prices writes it in this form"


def test_the_price_of_a_region_is_preferred_to_that_of_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (price("secret", "eu-west-1", 2), price("secret", ANYWHERE, 1), price("key", "us-east-1", 3))
    monkeypatch.setattr(prices, "table", lambda: rows)
    assert {item: each.usd for item, each in prices.of("eu-west-1").items()} == {"secret": 2}
    assert {item: each.usd for item, each in prices.of("us-east-1").items()} == {"secret": 1, "key": 3}


@pytest.mark.parametrize("type", DECLARED)
def test_a_type_that_a_program_can_declare_has_a_rule_or_a_reason_to_be_free(type: str) -> None:
    assert (type in RULES) != (type in FREE), "an estimate must not leave out what costs something"


def test_no_rule_and_no_reason_is_of_a_type_that_does_not_exist() -> None:
    assert {*RULES, *FREE} - set(DECLARED) == set()
