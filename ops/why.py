"""`why`: the evidence of a service's last rollout, and which known cause explains a failure. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops import around, causes, deployments, stages, tasks
from ops.around import Target
from ops.causes import Cause
from ops.cloud import Cloud, requesting
from ops.deployments import UNFINISHED, Detail, ServiceDeployment
from ops.ecs import Event, Running
from ops.errors import code
from ops.logs import TASK
from ops.service import find
from ops.tasks import Task

PERMISSIONS = (
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListServiceDeployments",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeTargetHealth",
    "logs:GetLogEvents",
)
LINES = 10
"""The last lines of a stopped task's log to show."""
EVENTS = 8
"""The events to show."""
HEALTHY, RUNNING, FAILED, UNSTEADY = "healthy", "in progress", "failed", "not steady"


@dataclass(frozen=True, kw_only=True)
class Log:
    stream: str
    lines: tuple[Event, ...]


@dataclass(frozen=True, kw_only=True)
class Why:
    stack: str
    service: str
    at: datetime
    is_simulated: bool
    verdict: str
    """HEALTHY, RUNNING, FAILED or UNSTEADY."""
    running: Running
    deployment: ServiceDeployment | None
    detail: Detail | None
    stopped: tuple[Task, ...]
    """The tasks of the deployment that stopped in the last hour."""
    events: tuple[Event, ...]
    """Those since the deployment began, newest first."""
    targets: tuple[Target, ...]
    log: Log | None
    """Of the last task that stopped."""
    cause: Cause | None = None
    """What explains the failure; None if there is none, or none is known."""
    following: str = "Wait for it to complete."
    """The next command for a deployment that ECS has not ended, in a sentence."""


def read(cloud: Cloud, name: str, service: str, root: Path) -> Why:
    """Raises UserError."""
    deployed = find(cloud, name, service, root)
    found, running, ecs = deployed.described, deployed.running, deployed.ecs
    with deployed.requesting():
        last = deployments.last(ecs, cluster=found.cluster, service=service)
        detail = deployments.detail(ecs, last) if last else None
        every = tasks.tasks(ecs, cluster=found.cluster, service=service, status="STOPPED")
    stopped = tuple(each for each in every if _is_of(each, last, detail))
    targets = around.targets_of(cloud, found, running)
    with requesting("CloudWatch Logs", found.account, found.region):
        logs = cloud.client("logs", found.account, found.region)
        log = _last_log(logs, service, running.log_group, stopped)
    why = Why(
        stack=name,
        service=service,
        at=cloud.now(),
        is_simulated=cloud.is_simulated,
        verdict=_verdict(running, last, stopped, targets),
        running=running,
        deployment=last,
        detail=detail,
        stopped=stopped,
        events=tuple(each for each in running.events if last is None or each.at >= last.created)[:EVENTS],
        targets=targets,
        log=log,
    )
    if last and detail:
        why = replace(why, following=stages.command(cloud, name, service, last, detail))
    if why.verdict == HEALTHY:
        return why
    cause = causes.explain(_evidence(why))
    return replace(why, cause=cause and _filled(cloud, why, cause))


def _filled(cloud: Cloud, why: Why, cause: Cause) -> Cause:
    """The cause with the names of this service and the commands of this cloud."""
    fix = cause.fix.format(service=why.service, stack=why.stack)
    return replace(cause, fix=cloud.advice(fix, why.stack))


def _is_of(task: Task, last: ServiceDeployment | None, detail: Detail | None) -> bool:
    """Whether the deployment started the task; a former task, which a rollout or scaling in stopped, is no evidence."""
    if last is None or detail is None or not detail.revision:
        return task.stop_code != "ServiceSchedulerInitiated" or "failed" in task.stopped_reason
    began = task.stopped is None or task.stopped >= last.created
    return began and task.revision == detail.revision


def _verdict(
    running: Running, last: ServiceDeployment | None, stopped: tuple[Task, ...], targets: tuple[Target, ...]
) -> str:
    if (last and last.has_failed) or any(each.state == "FAILED" for each in running.details):
        return FAILED
    if (last and last.status in UNFINISHED) or len(running.deployments) > 1:
        return RUNNING
    return HEALTHY if running.is_steady and not around.problem_of(running, targets) else UNSTEADY


def _last_log(logs: Any, service: str, group: str, stopped: tuple[Task, ...]) -> Log | None:
    """The last lines of the task that stopped last and wrote any."""
    for task in stopped:
        stream = f"{TASK}{service}/{task.id}"
        try:
            found = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=LINES, startFromHead=False)
        except ClientError as error:
            # The task never started, or somebody deleted the group.
            if code(error) != "ResourceNotFoundException":
                raise
            continue
        lines = (
            Event(at=datetime.fromtimestamp(each["timestamp"] / 1000, UTC), message=each["message"].rstrip("\n"))
            for each in found["events"]
        )
        return Log(stream=stream, lines=tuple(lines))
    return None


def _evidence(why: Why) -> Iterator[str]:
    """The lines that a cause may match."""
    for task in why.stopped:
        yield f"{task.stop_code}: {task.stopped_reason}"
        for each in task.containers:
            yield f"{each.name}: {each.reason}"
            if each.exit_code is not None:
                yield f"exit code {each.exit_code}"
    for event in why.events:
        yield event.message
    for target in why.targets:
        yield f"{target.reason} {target.description}"
    if why.deployment:
        yield f"{why.deployment.status} {why.deployment.reason}"
    if why.detail:
        yield why.detail.rollback_reason
        yield from (f"pause hook {each.status}" for each in why.detail.hooks)
        if why.detail.alarms:
            yield f"triggered alarm {', '.join(why.detail.alarms)}"
    for line in why.log.lines if why.log else ():
        yield line.message
