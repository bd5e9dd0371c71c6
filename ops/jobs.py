"""`jobs`: the jobs of a stack, their schedules and their last runs. Reads only.

ECS knows how a run ended for an hour; older runs are known by their log streams alone.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-errors.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from ops import job as deployed
from ops import stack
from ops.cloud import Cloud, requesting
from ops.ecs import Ecs, batches, short
from ops.job import APPLIED, SCHEDULER, STARTED_BY, Job
from ops.tasks import MAX_TASKS

PERMISSIONS = (
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "logs:DescribeLogStreams",
    "scheduler:GetSchedule",
)
RUNS = 10
"""The last runs of a job that are shown."""
MISSING, ENABLED = "missing", "ENABLED"


@dataclass(frozen=True, kw_only=True)
class Run:
    id: str
    """Of the task."""
    began: datetime
    ended: datetime | None
    """None while it goes on, and for a run that ECS no longer knows."""
    status: str
    """PENDING, RUNNING, STOPPED and the like; empty for a run that ECS no longer knows."""
    exit_code: int | None
    """None until it has one, if its container never started, and for a run that ECS no longer knows."""
    reason: str
    """Why it ended, in ECS's words."""
    by: str
    """Who started it: `schedule`, `ops run`, `update`, or ECS's startedBy; empty if it is not known."""

    @property
    def has_failed(self) -> bool:
        return self.status == "STOPPED" and self.exit_code != 0


@dataclass(frozen=True, kw_only=True)
class State:
    """A job with its last runs."""

    job: Job
    schedule: str
    """ENABLED or DISABLED, as EventBridge Scheduler has it, or `missing`; empty for a job without a schedule."""
    runs: tuple[Run, ...]
    """The newest first."""

    def problems(self, cloud: Cloud, name: str) -> Iterator[str]:
        where = f"{name}/{self.job.name}"
        if self.schedule == MISSING:
            yield f"{where}: its schedule does not exist. Create it again: {cloud.update}{name}"
        elif self.schedule not in ("", ENABLED):
            yield f"{where}: its schedule is {self.schedule}, so no run starts. Enable it again: {cloud.update}{name}"
        ended = next((each for each in self.runs if each.status in ("", "STOPPED")), None)
        if ended and ended.has_failed:
            how = f"exit code {ended.exit_code}" if ended.exit_code is not None else "it never started"
            log = cloud.verb(f"logs {name} {self.job.name} --since 2h")
            yield f"{where}: the last run has failed: {how}. {ended.reason}. `{log}` shows what it wrote."


@dataclass(frozen=True, kw_only=True)
class Jobs:
    stack: str
    is_simulated: bool
    at: datetime
    jobs: tuple[State, ...]
    problems: tuple[str, ...]


def read(cloud: Cloud, name: str, root: Path) -> Jobs:
    """Raises UserError."""
    found = stack.declared(cloud, name, root)
    states = tuple(read_all(cloud, found))
    problems = tuple(problem for each in states for problem in each.problems(cloud, name))
    return Jobs(stack=name, is_simulated=cloud.is_simulated, at=cloud.now(), jobs=states, problems=problems)


def read_all(cloud: Cloud, found: stack.Description) -> list[State]:
    """The jobs of a described stack. Raises UserError."""
    with requesting("ECS, CloudWatch Logs or EventBridge Scheduler", found.account, found.region):
        return [
            State(
                job=each,
                schedule=_schedule(cloud, found, each) if each.schedule else "",
                runs=tuple(_runs(cloud, found, each)[:RUNS]),
            )
            for each in deployed.jobs(found).values()
        ]


def _schedule(cloud: Cloud, found: stack.Description, job: Job) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html"""
    client = cloud.client("scheduler", found.account, found.region)
    try:
        return client.get_schedule(GroupName=found.prefix, Name=job.name)["State"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            raise
        return MISSING


def _runs(cloud: Cloud, found: stack.Description, job: Job) -> list[Run]:
    known = {each.id: each for each in _tasks(cloud.ecs(found.account, found.region), found.cluster, job)}
    former = [each for each in _streams(cloud, found, job) if each.id not in known]
    return sorted([*known.values(), *former], key=lambda each: each.began, reverse=True)


def _tasks(ecs: Ecs, cluster: str, job: Job) -> Iterator[Run]:
    arns: list[str] = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.list_tasks(cluster=cluster, family=job.family, desiredStatus=status)["taskArns"]
    ]
    for some in batches(sorted(set(arns)), MAX_TASKS):
        for each in ecs.describe_tasks(cluster=cluster, tasks=some)["tasks"]:
            yield _task(each, job)


def _task(task: Mapping[str, Any], job: Job) -> Run:
    own = [each for each in task.get("containers", []) if each["name"] == job.name]
    by: str = task.get("startedBy", "")
    return Run(
        id=short(task["taskArn"]),
        began=task["createdAt"],
        ended=task.get("stoppedAt"),
        status=task["lastStatus"],
        exit_code=own[0].get("exitCode") if own else None,
        reason=task.get("stoppedReason", ""),
        by=_by(by),
    )


def _by(started_by: str) -> str:
    if started_by.startswith(SCHEDULER):
        return "schedule"
    return {STARTED_BY: "ops run", APPLIED: "update"}.get(started_by, started_by)


def _streams(cloud: Cloud, found: stack.Description, job: Job) -> Iterator[Run]:
    """The last runs that wrote a line.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
    """
    client = cloud.client("logs", found.account, found.region)
    page = client.describe_log_streams(logGroupName=job.log_group, orderBy="LastEventTime", descending=True, limit=RUNS)
    for each in page["logStreams"]:
        yield Run(
            id=short(each["logStreamName"]),
            began=datetime.fromtimestamp(each["creationTime"] / 1000, UTC),
            ended=None,
            status="",
            exit_code=None,
            reason="",
            by="",
        )
