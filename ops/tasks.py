"""Reads the tasks of a service from ECS, which keeps a stopped task for an hour.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ops.ecs import Ecs, batches, short

MAX_TASKS = 100
"""Tasks per DescribeTasks request, and per page of ListTasks.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html"""


@dataclass(frozen=True, kw_only=True)
class Container:
    name: str
    reason: str
    """Why it did not start or ended, besides the exit code; often empty."""
    exit_code: int | None
    """None while it runs, and if it never started."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"""

    id: str
    revision: str
    """The revision of the task definition, such as mrgnl-mcp:7."""
    health: str
    """HEALTHY, UNHEALTHY, or UNKNOWN: not known yet, or the container has no health check."""
    stop_code: str
    stopped_reason: str
    stopped: datetime | None
    containers: tuple[Container, ...]


def tasks(ecs: Ecs, *, cluster: str, service: str, status: Literal["RUNNING", "STOPPED"]) -> list[Task]:
    """Tasks that run or start, or that stopped in the last hour, the last one that stopped first; 100 at most."""
    arns: list[str] = ecs.list_tasks(cluster=cluster, serviceName=service, desiredStatus=status)["taskArns"]
    found = list(_described(ecs, cluster, sorted(arns)))
    return sorted(found, key=lambda each: (each.stopped is None, each.stopped), reverse=True) if found else []


def _described(ecs: Ecs, cluster: str, arns: list[str]) -> Iterator[Task]:
    for some in batches(arns, MAX_TASKS):
        for each in ecs.describe_tasks(cluster=cluster, tasks=some)["tasks"]:
            yield _task(each)


def _task(task: dict[str, Any]) -> Task:
    return Task(
        id=short(task["taskArn"]),
        revision=short(task["taskDefinitionArn"]),
        health=task.get("healthStatus", "UNKNOWN"),
        stop_code=task.get("stopCode", ""),
        stopped_reason=task.get("stoppedReason", ""),
        stopped=task.get("stoppedAt"),
        containers=tuple(
            Container(name=each["name"], reason=each.get("reason", ""), exit_code=each.get("exitCode"))
            for each in task.get("containers", [])
        ),
    )
