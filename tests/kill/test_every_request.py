"""Promise 9: the engine is killed at each request that changes the cloud, before and after the cloud acts."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from simulator import toolchain
from tests.declared import ROOT
from tests.engine import killed
from tests.engine.conftest import Checkout, program_in
from tests.engine.killed import Moment, Requests


@cache
def counts() -> tuple[int, int]:
    """The number of requests of a first update, and of one that replaces, rolls and deletes."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = program_in(Path(folder), toolchain.pulumi(ROOT, ROOT / ".cache", report=print))
        checkout.separate_sources()
        first, replacing = Requests(), Requests()
        killed.up(checkout, first)
        killed.change(checkout)
        killed.up(checkout, replacing)
        return len(first.seen), len(replacing.seen)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    count = counts()["dev" in metafunc.fixturenames]
    moments: tuple[Moment, Moment] = ("before", "after")
    cases = [(number, moment) for number in range(1, count + 1) for moment in moments]
    metafunc.parametrize(("number", "moment"), cases)


def test_first_up(checkout: Checkout, number: int, moment: Moment) -> None:
    checkout.separate_sources()
    killed.complete(checkout, Requests(number, moment))


def test_replacing_up(dev: Checkout, number: int, moment: Moment) -> None:
    killed.change(dev)
    killed.complete(dev, Requests(number, moment))
