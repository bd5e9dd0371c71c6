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


def test_the_checks_of_a_subject_are_in_the_order_of_their_modules_whichever_is_imported_first() -> None:
    [task] = [each for each in refusals_page.subjects() if each.name == "a task that would start"]
    section = PAGE.partition("\n## A task that would start\n")[2].partition("\n## ")[0]
    shown = sorted(task.all, key=lambda check: section.index(f"[{check.claim}]"))
    modules = [each.reasons.__module__ for each in shown]
    assert modules == sorted(modules)
