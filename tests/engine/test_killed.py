"""Promise 9 at a sample of moments; `make test-kill` takes every one of them."""

from __future__ import annotations

from tests.engine import killed
from tests.engine.conftest import Checkout
from tests.engine.killed import Requests


def test_a_first_update_that_was_killed_is_completed(checkout: Checkout) -> None:
    checkout.separate_sources()
    killed.complete(checkout, Requests(110, "after"))


def test_a_replacing_update_that_was_killed_is_completed(dev: Checkout) -> None:
    killed.change(dev)
    killed.complete(dev, Requests(30, "before"))
