"""Rollouts of a service: which revision runs afterwards, and what the provider reports.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from ecs import types
from simulator.aws import ecs_faults, ecs_shift, start
from simulator.aws.ecs_shift import BAKE, GROUP, SCALE_UP, STAGE, STEP, TESTED
from simulator.aws.ecs_strategy import KEPT, effective, has_breaker, shifts
from simulator.cloud import Request
from simulator.faults import OF_ALARMS, OF_APPROVAL, Faults
from simulator.store import Object, Properties, Store

STOPPED = "stoppedReasons"
"""Internal property of a service: the reasons why tasks of the requested revision stop."""
FAULT = "rolloutFault"
"""Internal property of a service: the kind of the fault that its last rollout met, or BY_HAND; empty without one."""
BY_HAND = "stopped by hand"
"""The fault of a rollout that StopServiceDeployment ended."""
DEPLOYED = "isDeployed"
"""Internal property of a service: whether the last create or update of it started a deployment."""
ROLLOUT = "rollout"
"""Internal property of a service: how the last rollout ended. A value of Rollout."""
RUNNING = "runningTaskDefinition"
"""Internal property of a service: the revision of the running tasks; empty if no task ever ran."""
HISTORY = "serviceDeployments"
"""Internal property of a service: its deployments, oldest first, each with its revision and a value of STATUS."""


DEPLOYS = (
    "loadBalancers",
    "networkConfiguration",
    "platformVersion",
    "serviceConnectConfiguration",
    "serviceRegistries",
    "taskDefinition",
    "volumeConfiguration",
    "vpcLatticeConfigurations",
)
"""The parameters whose change starts a deployment:
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""


class Rollout(StrEnum):
    COMPLETED = "completed"
    ROLLED_BACK = "rolled back"
    FAILED = "failed"
    """No task of the revision runs, and there is no former revision to go back to."""
    IN_PROGRESS = "in progress"


STATUS: Mapping[Rollout, str] = {
    Rollout.COMPLETED: "SUCCESSFUL",
    Rollout.ROLLED_BACK: "ROLLBACK_SUCCESSFUL",
    Rollout.FAILED: "STOPPED",
    Rollout.IN_PROGRESS: "IN_PROGRESS",
}
"""The status of a service deployment, by how its rollout ended.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html"""


def _is_deployed(request: Request, _: Properties) -> bool:
    """Whether the request starts a deployment. Every update does with forceNewDeployment."""
    if not (existing := request.existing()) or request.inputs.get("forceNewDeployment"):
        return True
    return any(existing.properties.get(key) != request.inputs.get(key) for key in DEPLOYS)


def _if_deployed(key: str, compute: Callable[[Request, Properties], Any]) -> Callable[[Request, Properties], Any]:
    """The value after a deployment; without one the property keeps its value."""

    def value(request: Request, internal: Properties) -> Any:
        existing = request.existing()
        # An older version of this repository stored fewer of them.
        if existing is None or key not in existing.properties or internal[DEPLOYED]:
            return compute(request, internal)
        return existing.properties[key]

    return value


def _stopped_reasons(request: Request, _: Properties) -> list[str]:
    tasks = request.visible(types.TASK_DEFINITION, arn=request.inputs["taskDefinition"])
    return [reason for task in tasks for reason in start.stopped_reasons(request, task.properties)]


def _former(request: Request) -> str:
    """The revision that runs before the rollout; empty if no task ever ran."""
    existing = request.existing()
    return existing.properties[RUNNING] if existing else ""


def _fault(request: Request, _: Properties) -> str:
    return request.cloud.faults.rollout(request.urn, ecs_faults.possible(effective(request), _former(request)))


def _rollout(request: Request, internal: Properties) -> Rollout:
    former = _former(request)
    if internal[FAULT] in ("waiting", "in-progress", "baking") or _is_stuck(effective(request), internal):
        return Rollout.IN_PROGRESS
    if internal[STOPPED] or internal[FAULT]:
        return Rollout.ROLLED_BACK if former else Rollout.FAILED
    return Rollout.COMPLETED


def _is_stuck(inputs: Properties, internal: Properties) -> bool:
    """Whether ECS starts tasks in vain until somebody stops the deployment: nothing counts them."""
    return not has_breaker(inputs) and (bool(internal[STOPPED]) or internal[FAULT] == "unhealthy")


def _stage(request: Request, internal: Properties) -> str:
    """Where the deployment is, or failed."""
    if not shifts(effective(request)) or internal[ROLLOUT] == Rollout.COMPLETED:
        return ""
    if internal[FAULT] in OF_APPROVAL:
        return TESTED
    return {"alarm-in-step": STEP, "alarm-in-bake": BAKE, "baking": BAKE}.get(internal[FAULT], SCALE_UP)


def _group(request: Request, internal: Properties) -> str:
    existing = request.existing()
    former = existing.properties.get(GROUP, "") if existing else ""
    return ecs_shift.group_after(effective(request), former, completed=internal[ROLLOUT] == Rollout.COMPLETED)


def _running(request: Request, internal: Properties) -> str:
    """The revision that runs after the rollout: the requested one, or the former one if the rollout fails."""
    return request.inputs["taskDefinition"] if internal[ROLLOUT] == Rollout.COMPLETED else _former(request)


def _history(request: Request, internal: Properties) -> list[Properties]:
    """A new deployment ends one that is in progress."""
    existing = request.existing()
    former = _ended(existing.properties, Rollout.FAILED) if existing else []
    return [*former, {"taskDefinition": request.inputs["taskDefinition"], "status": STATUS[internal[ROLLOUT]]}]


def requested(service: Properties) -> str:
    """The revision that the service's last rollout was to run."""
    history = service.get(HISTORY)
    return history[-1]["taskDefinition"] if history else service["taskDefinition"]


def _ended(service: Properties, how: Rollout) -> list[Properties]:
    """The service's deployments, of which one in progress ended in this way."""
    return [
        {**each, "status": STATUS[how]} if each["status"] == STATUS[Rollout.IN_PROGRESS] else each
        for each in service.get(HISTORY, [])
    ]


COMPUTED: Mapping[str, Callable[[Request, Properties], Any]] = {
    STOPPED: _stopped_reasons,
    FAULT: _fault,
    ROLLOUT: _rollout,
    RUNNING: _running,
    HISTORY: _history,
    STAGE: _stage,
    GROUP: _group,
}
"""The internal properties after a deployment; each uses those before it."""
INTERNAL: Mapping[str, Callable[[Request, Properties], Any]] = {
    DEPLOYED: _is_deployed,
    **{key: _if_deployed(key, compute) for key, compute in COMPUTED.items()},
}


def settled(request: Request, internal: Properties) -> Properties:
    """A rollback makes the former revision the service's own. ECS keeps what an update leaves out of its strategy."""
    kept = {key: value for key, value in effective(request).items() if key in KEPT and key not in request.inputs}
    return {**kept, **({"taskDefinition": internal[RUNNING]} if internal[ROLLOUT] == Rollout.ROLLED_BACK else {})}


def affects(request: Request, service: Properties) -> Iterator[Object]:
    """ECS rewrites the listener rule."""
    where = {"account": request.account, "region": request.region, "urn": request.urn, "run": ""}
    yield from ecs_shift.rewritten(
        request.cloud.store, Object(kind=request.token, id=request.id, properties=service, **where)
    )


def is_waiting(service: Properties) -> bool:
    """Whether the rollout waits until somebody approves or rejects it."""
    return service[ROLLOUT] == Rollout.IN_PROGRESS and service.get(FAULT) == "waiting"


def is_ended_by_alarm(service: Properties) -> bool:
    """Whether an alarm ended the last rollout, in which no task failed."""
    return service.get(FAULT) in OF_ALARMS and not service.get(STOPPED)


def finish_rollouts(store: Store, faults: Faults, stack: str) -> None:
    """Completes the stack's rollouts in progress, except by a fault: time passes between two operations.

    One that waits for a person waits on.
    """
    for each in store.find(types.SERVICE, **{ROLLOUT: Rollout.IN_PROGRESS}):
        stays = _is_stuck(each.properties, each.properties) or is_waiting(each.properties)
        if each.stack == stack and not stays and not faults.stays_in_progress(each.urn):
            _end(store, each, Rollout.COMPLETED, running=each.properties["taskDefinition"])


def _end(store: Store, service: Object, how: Rollout, *, running: str, fault: str = "") -> None:
    """Ends the rollout in progress."""
    properties = service.properties
    completed = how == Rollout.COMPLETED
    ended = {
        FAULT: fault,
        ROLLOUT: how,
        RUNNING: running,
        HISTORY: _ended(properties, how),
        STAGE: "" if completed else properties.get(STAGE, ""),
        GROUP: ecs_shift.group_after(properties, properties.get(GROUP, ""), completed=completed),
    }
    # Without a revision that ever ran, the service keeps the one that was requested.
    task_definition = running or properties["taskDefinition"]
    _put(store, replace(service, properties={**properties, **ended, "taskDefinition": task_definition}))


def _put(store: Store, service: Object) -> None:
    for each in [service, *ecs_shift.rewritten(store, service)]:
        store.put(each)


def deploy(request: Request) -> None:
    """Changes an existing service and deploys it, as UpdateService does. No fault is played."""
    existing = request.existing()
    if existing is None:
        return
    internal: Properties = {}
    for key, compute in COMPUTED.items():
        internal[key] = compute(request, internal)
    changed = {**existing.properties, **request.inputs, **internal, **settled(request, internal)}
    _put(request.cloud.store, replace(existing, properties=changed))


def stop(store: Store, service: Object) -> None:
    """Stops the rollout in progress and goes back to the revision that ran before it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
    """
    _go_back(store, service, BY_HAND)


def resume(store: Store, service: Object, *, approved: bool) -> None:
    """Ends the wait of a rollout, which then succeeds, or goes back to the revision before it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/continue-service-deployment.html
    """
    if approved:
        _end(store, service, Rollout.COMPLETED, running=service.properties["taskDefinition"])
    else:
        _go_back(store, service, "rejected")


def _go_back(store: Store, service: Object, fault: str) -> None:
    former = service.properties[RUNNING]
    _end(store, service, Rollout.ROLLED_BACK if former else Rollout.FAILED, running=former, fault=fault)


def deployments(service: Properties) -> list[Properties]:
    """The deployments of a service. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html"""
    states = {Rollout.FAILED: "FAILED", Rollout.IN_PROGRESS: "IN_PROGRESS"}
    primary, former = service["taskDefinition"], service[RUNNING]
    found = [("PRIMARY", primary, states.get(service[ROLLOUT], "COMPLETED"))]
    if service[ROLLOUT] == Rollout.IN_PROGRESS and former:
        found.append(("ACTIVE", former, "COMPLETED"))
    keys = ("status", "taskDefinition", "rolloutState")
    return [dict(zip(keys, each, strict=True)) for each in found]
