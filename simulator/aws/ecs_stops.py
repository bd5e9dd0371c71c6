"""Why a task of a failed rollout stops, in the words of ECS.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.aws.ecs_rollout import FAULT, STOPPED
from simulator.aws.values import mappings
from simulator.store import Properties

FAILED_TO_START = re.compile(r"Cannot\w+Error|ResourceInitializationError|ECS was unable to assume|ClientException")
UNPLACED = re.compile(r"unable to place")
UNHEALTHY = re.compile(r"the health check of .* always fails|Task failed container health checks")
EXITED = "Essential container in task exited"


@dataclass(frozen=True, kw_only=True)
class Stop:
    """The end of a task."""

    code: str
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html (stopCode)"""
    reason: str
    exit_code: int | None = None
    """None if the container never started."""
    line: str = ""
    """What the process wrote last."""


def stop(service: Properties, definition: Properties) -> Stop:
    """Why tasks of the last rollout stop; of several reasons, the first."""
    for reason in service.get(STOPPED, []):
        return of_reason(reason)
    fault: str = service.get(FAULT, "")
    if fault == "unhealthy" and has_health_check(definition):
        return Stop(code="ServiceSchedulerInitiated", reason="Task failed container health checks", exit_code=0)
    groups = [each.get("targetGroupArn") for each in mappings(service.get("loadBalancers"))]
    if fault == "unhealthy" and groups:
        return Stop(code="ServiceSchedulerInitiated", reason=_failed_elb(str(groups[0])), exit_code=0)
    return Stop(code="EssentialContainerExited", reason=EXITED, exit_code=1, line=f"the simulated fault {fault}")


def unplaced(service: Properties) -> str:
    """Why ECS places no task at all; empty if it does."""
    return next((each for each in service.get(STOPPED, []) if UNPLACED.match(each)), "")


def has_health_check(definition: Properties) -> bool:
    return '"healthCheck"' in str(definition.get("containerDefinitions", ""))


def _failed_elb(target_group: str) -> str:
    return f"Task failed ELB health checks in (target-group {target_group})"


def of_reason(reason: str) -> Stop:
    """How a task ends for a reason that a check found."""
    if FAILED_TO_START.match(reason):
        return Stop(code="TaskFailedToStart", reason=reason)
    if UNHEALTHY.match(reason):
        return Stop(
            code="ServiceSchedulerInitiated", reason="Task failed container health checks", exit_code=0, line=reason
        )
    if reason.startswith("Task failed"):
        return Stop(code="ServiceSchedulerInitiated", reason=reason, exit_code=0)
    # The process ends because of it, and says so.
    text = reason.removeprefix("EssentialContainerExited: ")
    return Stop(code="EssentialContainerExited", reason=EXITED, exit_code=1, line=text)
