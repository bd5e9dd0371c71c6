"""The faults that a rollout can meet, by its strategy: simulator/faults.py."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws import ecs_hooks
from simulator.aws.ecs_service import alarms, strategy
from simulator.aws.ecs_strategy import has_breaker, shifts
from simulator.aws.values import mapping, number
from simulator.store import Properties


def possible(inputs: Properties, former: str) -> Iterator[str]:
    """The kinds of faults that a rollout can meet. The first one, which has no former revision, is not rolled back."""
    bakes, pauses = _bakes(inputs), ecs_hooks.pauses(inputs)
    if not former:
        yield "unhealthy"
    else:
        yield from ["rollback"] if has_breaker(inputs) else []
        if alarms(inputs):
            yield "alarm"
            yield from ["alarm-in-step"] if strategy(inputs) in ("CANARY", "LINEAR") else []
            yield from ["alarm-in-bake"] if bakes else []
        yield from ["rejected", "approval-timeout"] if pauses else []
        yield "silent-rollback"
    yield from ["waiting"] if pauses else []
    yield "in-progress"
    yield from ["baking"] if bakes else []


def _bakes(inputs: Properties) -> bool:
    minutes = number(mapping(inputs.get("deploymentConfiguration")).get("bakeTimeInMinutes"))
    return shifts(inputs) and bool(minutes)
