"""Promise 9 at a sample of moments; `make test-kill` takes every one of them."""

from __future__ import annotations

import pytest

from tests.engine import killed
from tests.engine.conftest import Checkout
from tests.engine.killed import Moment, Requests


@pytest.mark.parametrize(("number", "moment"), [(40, "before"), (110, "after")])
def test_a_first_update_that_was_killed_is_completed(checkout: Checkout, number: int, moment: Moment) -> None:
    checkout.separate_sources()
    killed.complete(checkout, Requests(number, moment))


@pytest.mark.parametrize(("number", "moment"), [(8, "after"), (30, "before")])
def test_a_replacing_update_that_was_killed_is_completed(dev: Checkout, number: int, moment: Moment) -> None:
    killed.change(dev)
    killed.complete(dev, Requests(number, moment))
