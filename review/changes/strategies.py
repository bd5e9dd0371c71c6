"""How services roll out that shift traffic, and what another deployment strategy means: docs/howto/rollout.md."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from cost.estimate import Estimate, hour_of_tasks
from cost.money import unit_price
from ecs.rollout import Strategy
from review.deployment.state import Properties, Resource, State
from review.nouns import counted, listed
from simulator.aws.ecs_strategy import advanced
from simulator.aws.ecs_wait import declared

FIRST = "has one target group: AWS requires an update with rolling before another strategy"
BOTH = "Fargate's quota and the connections to the database must suffice for both"


def texts(before: State, after: State, rolling: Collection[str], estimate: Estimate | None) -> Iterator[str]:
    """One line for the services of which the same is true.

    `rolling` are those whose tasks are replaced. `estimate` is that of the state after; None: no cost is shown.
    """
    groups: dict[str, list[str]] = {}
    deployed = [each for each in sorted(after.services) if each in before.services]
    for name in deployed:
        for text in _changes(before.services[name], after.services[name]):
            groups.setdefault(text, []).append(name)
    for name in deployed:
        hour = hour_of_tasks(estimate, name) if estimate else 0
        for text in _rollout(after.services[name].inputs, hour) if name in rolling else ():
            groups.setdefault(text, []).append(name)
    return (f"{listed(names)}: {text}" for text, names in groups.items())


def _changes(old: Resource, new: Resource) -> Iterator[str]:
    was, now = declared(old.inputs), declared(new.inputs)
    if not new.inputs.get("deploymentConfiguration") and not was.is_rolling:
        yield f"ECS keeps {was.name}, as nothing replaces it: deploy rolling before the key goes"
    elif was.name != now.name:
        yield f"from {was.name} to {now.name}, without replacing it"
        if advanced(new.inputs) and not advanced(old.inputs):
            yield FIRST
    if now.approve_minutes and not was.approve_minutes:
        yield "each deployment waits for a person"
    if was.approve_minutes and not now.approve_minutes:
        yield "no deployment waits for a person any longer, unless ECS keeps the hook"


def _rollout(inputs: Properties, hour: float) -> Iterator[str]:
    """`hour` is what an hour of the service's tasks costs in USD, or 0."""
    strategy = declared(inputs)
    if strategy.is_rolling:
        return
    waits = f", once a person approves, within {_minutes(strategy.approve_minutes)}" if strategy.approve_minutes else ""
    bakes = f"; then both revisions run for {_minutes(strategy.bake_minutes)}" if strategy.bake_minutes else ""
    yield f"{strategy.name}: {_steps(strategy)}{waits}{bakes}"
    more = counted(int(inputs.get("desiredCount") or 0), "task")
    price = f", {unit_price(round(hour, 4))} an hour" if hour else ""
    yield f"{more} more for {_minutes(strategy.least_minutes)} at least{price}: {BOTH}"


def _steps(strategy: Strategy) -> str:
    if strategy.name == "canary":
        return f"{strategy.percent:g} % of the traffic for {_minutes(strategy.step_minutes)}, then all of it"
    if strategy.name == "linear":
        return f"{strategy.percent:g} % more of the traffic every {_minutes(strategy.step_minutes)}"
    return "all traffic at once"


def _minutes(number: int) -> str:
    return counted(number, "minute")
