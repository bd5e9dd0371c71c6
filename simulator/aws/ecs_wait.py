"""What the provider reports of a rollout for which it waits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from ecs.rollout import NAMES, Strategy, StrategyName
from simulator.aws.ecs_hooks import MINUTES, pauses
from simulator.aws.ecs_rollout import DEPLOYED, FAULT, ROLLOUT, RUNNING, STOPPED, Rollout
from simulator.aws.ecs_service import strategy
from simulator.aws.ecs_strategy import effective, has_breaker
from simulator.aws.values import mapping, number
from simulator.cloud import Request
from simulator.faults import OF_ALARMS
from simulator.store import Properties


def steady_state_errors(request: Request, service: Properties) -> Iterator[str]:
    """The errors of a provider that waits for a steady state. It does not report a `silent-rollback`.

    After an update that starts no deployment it waits for the desired tasks of a single one, whatever an earlier one
    came to: https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go
    (statusServiceWaitForStable)
    """
    name, wanted = request.inputs["name"], request.inputs["taskDefinition"].rsplit("/")[-1]
    waiting, outcome = f"waiting for ECS Service {name}", service[ROLLOUT]
    limit = declared(effective(request)).limit_minutes
    timed_out = f"timeout while waiting for state to become 'tfSTABLE' (last state: 'tfPENDING', timeout: {limit}m0s)"
    if not service[DEPLOYED]:
        if outcome in (Rollout.FAILED, Rollout.IN_PROGRESS):
            yield f"{waiting}: {timed_out}"
        return
    breaks = has_breaker(effective(request))
    for reason in service[STOPPED]:
        what = "the deployment circuit breaker was triggered" if breaks else "tasks fail to start"
        yield f"{name}: {what}: {reason}"
    if (service[STOPPED] and breaks) or service[FAULT] == "silent-rollback":
        return
    match outcome:
        case Rollout.ROLLED_BACK:
            running = service[RUNNING].rsplit("/")[-1]
            yield f"{waiting}: the deployment of {wanted} failed: {_why(service[FAULT])} rolled back to {running}"
        case Rollout.FAILED:
            yield f"{waiting}: the deployment of {wanted} failed: tasks failed to start"
        case Rollout.IN_PROGRESS if service[FAULT] == "waiting":
            # What Go's SDKs answer after the engine has cancelled the request.
            yield f"{waiting}: context canceled"
        case Rollout.IN_PROGRESS:
            yield f"{waiting}: {timed_out}"
        case _:
            pass


def _why(fault: str) -> str:
    """Who ended a deployment. Of a hook, ECS's words are not known.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    """
    if fault in OF_ALARMS:
        return "alarm detected: ECS"
    hooks = {"rejected": "a lifecycle hook failed: ECS", "approval-timeout": "a lifecycle hook timed out: ECS"}
    return hooks.get(fault, "the circuit breaker")


def declared(inputs: Properties) -> Strategy:
    """The strategy that the inputs of a service declare: components/strategy.py."""
    given = mapping(inputs.get("deploymentConfiguration"))
    canary, linear = (mapping(given.get(f"{each}Configuration")) for each in ("canary", "linear"))
    return Strategy(
        name=next(each for each in get_args(StrategyName) if NAMES[each] == strategy(inputs)),
        bake_minutes=number(given.get("bakeTimeInMinutes")) or 0,
        percent=canary.get("canaryPercent") or linear.get("stepPercent") or 100,
        approve_minutes=sum(_minutes(each) for each in pauses(inputs)),
        step_minutes=number(canary.get("canaryBakeTimeInMinutes") or linear.get("stepBakeTimeInMinutes")) or 0,
    )


def _minutes(pause: Properties) -> int:
    return number(mapping(pause.get("timeoutConfiguration")).get("timeoutInMinutes")) or MINUTES
