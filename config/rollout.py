"""The section `rollout` of a stack file: how ECS replaces the tasks of each service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from config.problems import Problem
from config.section import Section
from ecs.rollout import (
    APPROVE_MINUTES,
    LEAST_PERCENT,
    MOST_MINUTES,
    PERCENT,
    STEP_MINUTES,
    USES,
    Strategy,
    StrategyName,
)


class RolloutChange(Section):
    """A partial rollout. A missing value is that of `default`, or AWS's default for the strategy."""

    strategy: StrategyName | None = Field(default=None, examples=["blue-green"])
    """`rolling`: replaces the tasks one after another. `blue-green`: starts as many new tasks, then shifts all traffic
    to them. `canary`: shifts a part of it first. `linear`: shifts it in equal parts."""
    bake_minutes: int | None = Field(default=None, ge=0, le=MOST_MINUTES, examples=[5])
    """Minutes for which the former tasks run on after all traffic is shifted, so that an alarm shifts it back at once.
    Required but for `rolling`."""
    percent: float | None = Field(default=None, ge=0.1, le=100, examples=[10])
    """Percent of the traffic: the first part with `canary`, each part with `linear`; a multiple of 0.1, with `linear` 3
    or more. Default: 5 with `canary`, 10 with `linear`."""
    step_minutes: int | None = Field(default=None, ge=0, le=MOST_MINUTES, examples=[5])
    """Minutes between two parts. Default: 10 with `canary`, 6 with `linear`."""
    approve: bool | None = Field(default=None, examples=[True])
    """Wait for a person before any traffic is shifted: `python -m ops approve` or `reject`. Not with `rolling`."""
    approve_minutes: int | None = Field(default=None, ge=1, le=MOST_MINUTES, examples=[30])
    """Minutes after which a deployment that nobody approved is rolled back. Default: 20. An update takes as much
    longer for each service on the longest path of callers: docs/howto/rollout.md."""


def strategy_of(rollouts: Mapping[str, RolloutChange], name: str) -> Strategy | None:
    """The deployment strategy of a service; None if the stack file names none for it."""
    found = _configured(rollouts, name)
    if not found:
        return None
    strategy: StrategyName = found.get("strategy", "rolling")
    values: dict[str, Any] = {
        "percent": PERCENT.get(strategy),
        "step_minutes": STEP_MINUTES.get(strategy),
        "approve_minutes": APPROVE_MINUTES,
        **found,
    }
    if not found.get("approve"):
        values["approve_minutes"] = 0
    return Strategy(name=strategy, **{key: values[key] for key in USES[strategy]})


def problems(rollouts: Mapping[str, RolloutChange]) -> Iterator[Problem]:
    """Values that a strategy lacks, does not have, or that are none of its own. `default` may be for some services."""
    used = {name: _used(_configured(rollouts, name)) for name in rollouts}
    for name, change in rollouts.items():
        own = change.model_dump(exclude_none=True)
        found = _configured(rollouts, name)
        strategy: StrategyName = found.get("strategy", "rolling")
        usable = frozenset[str]().union(*used.values()) if name == "default" else used[name]
        for key in [each for each in own if each != "strategy" and each not in usable]:
            waits = key == "approve_minutes" and strategy != "rolling"
            valid = f"must not be set{' without approve: true' if waits else f', as the strategy is {strategy}'}."
            yield Problem(path=f"rollout.{name}.{key.replace('_', '-')}", value=_written(own[key]), valid=valid)
        if "strategy" in own and strategy != "rolling" and "bake_minutes" not in found:
            valid = (
                f"missing. With the strategy {strategy}, set the minutes for which the former tasks run on; 0 to 1440."
            )
            yield Problem(path=f"rollout.{name}.bake-minutes", valid=valid)
        percent, least = found.get("percent"), LEAST_PERCENT.get(strategy)
        if percent is None or least is None or not {"percent", "strategy"} & own.keys():
            continue
        if percent < least or round(percent, 1) != percent:
            valid = f"must be a multiple of 0.1 from {least:g} to 100 with the strategy {strategy}."
            yield Problem(path=f"rollout.{name}.percent", value=_written(percent), valid=valid)


def _used(configured: Mapping[str, Any]) -> frozenset[str]:
    """The keys that have an effect, beside `strategy`."""
    used = USES[configured.get("strategy", "rolling")]
    if "approve_minutes" not in used:
        return used
    return (used if configured.get("approve") else used - {"approve_minutes"}) | {"approve"}


def _written(value: float) -> float:
    """The value as a person writes it: 10, not 10.0; true, not 1."""
    return value if isinstance(value, bool) or value != int(value) else int(value)


def _configured(rollouts: Mapping[str, RolloutChange], name: str) -> dict[str, Any]:
    """As the stack file sets it, including `default`."""
    changes = [rollouts[key].model_dump(exclude_none=True) for key in ("default", name) if key in rollouts]
    return {key: value for change in changes for key, value in change.items()}
