from __future__ import annotations

import pytest

from simulator.aws.start import start
from simulator.check import Check, Checks

EVERY = [pytest.param(each, id=each.reasons.__name__) for each in start.all]


@pytest.mark.parametrize("check", EVERY)
def test_a_check_claims_something_and_names_its_page(check: Check[object]) -> None:
    assert check.claim.endswith(".")
    assert check.page.startswith("https://docs.aws.amazon.com/")


def test_all_reasons_are_given_in_the_order_of_the_checks() -> None:
    checks = Checks[int]("a number")

    @checks("https://docs.aws.amazon.com/")
    def is_small(number: int) -> list[str]:
        return ["too large"] if number > 9 else []

    @checks("https://docs.aws.amazon.com/")
    def is_even(number: int) -> list[str]:
        return ["odd"] if number % 2 else []

    assert [each.reasons for each in checks.all] == [is_small, is_even]
    assert list(checks.reasons(11)) == ["too large", "odd"]
    assert list(checks.reasons(2)) == []
