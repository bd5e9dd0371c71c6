"""Updates of dev that fail, by a fault or because the engine is killed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from simulator.faults import Fault, Faults
from tests.engine import killed
from tests.engine.conftest import Checkout
from tests.engine.killed import Moment, Requests

Failure = Callable[[Checkout], None]
"""Runs an update that fails."""


def failing(kind: str, resource: str) -> Failure:
    def update(checkout: Checkout) -> None:
        faults = Faults((Fault(kind, resource),))
        assert not replace(checkout.simulator, faults=faults).run("up", "dev").succeeded
        assert faults.missed == []

    return update


def killed_at(request: str, moment: Moment) -> Failure:
    return lambda checkout: killed.up(checkout, Requests(request, moment))
