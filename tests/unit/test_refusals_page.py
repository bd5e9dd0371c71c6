from __future__ import annotations

from typing import Any

import pytest

from simulator.check import SOURCES, Check
from tools import refusals_page

EVERY = {f"{checks.name}-{each.reasons.__name__}": each for checks in refusals_page.subjects() for each in checks.all}
PAGE = refusals_page.page()


@pytest.mark.parametrize("check", EVERY.values(), ids=EVERY)
def test_each_check_is_on_the_page_with_its_claim_its_page_and_its_source(check: Check[Any]) -> None:
    assert check.claim.endswith(".")
    assert check.page.startswith(("https://docs.aws.amazon.com/", "https://www.pulumi.com/registry/"))
    assert f"| [{check.claim}]({check.page}) | {check.confirmed} |" in PAGE


def test_the_page_counts_the_checks_of_each_source() -> None:
    found = [each.confirmed for each in EVERY.values()]
    for source in SOURCES:
        assert f"| {source} | {found.count(source)} |" in PAGE
    assert f"| all | {len(found)} |" in PAGE
