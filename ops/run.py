"""`run`: starts one run of a job, follows its log and ends as it ends.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from config.problems import UserError
from ecs import run_task
from ecs.run_task import NotStartedError, Run
from ops import job as jobs
from ops import stack
from ops.cloud import Cloud, requesting
from ops.ecs import Ecs, short

PERMISSIONS = (
    "ecs:DescribeTaskDefinition",
    "ecs:DescribeTasks",
    "ecs:ListTasks",
    "ecs:RunTask",
    "ecs:TagResource",
    "iam:PassRole",
    "logs:GetLogEvents",
)
FAILED = 1
"""The exit code of a run that never started, and of an error of the verb."""
LATE = 3
"""Readings of the log after the end of the task: its last lines arrive some seconds later."""


@dataclass(frozen=True, kw_only=True)
class Started:
    """A run that has been started."""

    subject: str
    """As `dev/cleanup`."""
    run: Run
    arn: str
    ecs: Ecs
    logs: Any
    location: tuple[str, str]
    """The account and the region."""

    @property
    def id(self) -> str:
        return short(self.arn)


def start(cloud: Cloud, name: str, job_name: str, root: Path, *, arguments: Sequence[str], parallel: bool) -> Started:
    """Starts the job. Raises UserError, also if a run of it is going on, unless `parallel`."""
    found = stack.declared(cloud, name, root)
    subject, location = f"{name}/{job_name}", (found.account, found.region)
    job = jobs.job(found, job_name)
    with requesting("ECS", *location):
        ecs = cloud.ecs(*location)
        run = jobs.run(ecs, found.cluster, job, arguments)
        going_on: list[str] = ecs.list_tasks(cluster=found.cluster, family=job.family)["taskArns"]
        if going_on and not parallel:
            shown = ", ".join(map(short, going_on))
            raise UserError(
                f"{subject}: a run is going on: task {shown}. `{cloud.verb(f'jobs {name}')}` shows it. Wait for its"
                " end, or add --parallel."
            )
        try:
            arn = run_task.start(ecs, run)
        except NotStartedError as error:
            raise UserError(f"{subject}: ECS started no task: {error}. Run the command again.") from None
    return Started(
        subject=subject,
        run=run,
        arn=arn,
        ecs=ecs,
        logs=cloud.client("logs", *location),
        location=location,
    )


def follow(started: Started, show: Callable[[str], object], pause: Callable[[float], object]) -> tuple[int | None, str]:
    """Shows each line of the log. Returns the exit code, None if the container never started, and ECS's reason."""
    token = ""
    with requesting("ECS and CloudWatch Logs", *started.location):
        task: dict[str, Any] = {}
        for each in run_task.watch(started.ecs, started.run, started.arn, pause):
            task = each
            token = _show(started, token, show)
        for _ in range(LATE):
            pause(1)
            token = _show(started, token, show)
    return run_task.exit_code(task, started.run), run_task.reason(task, started.run)


def _show(started: Started, token: str, show: Callable[[str], object]) -> str:
    """Shows what is new since `token`, and returns the token of the next reading. No stream is no line.

    The token of the last page repeats itself:
    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
    """
    stream = {"logGroupName": started.run.log_group, "logStreamName": started.run.stream(started.arn)}
    while True:
        following = {"nextToken": token} if token else {}
        try:
            page = started.logs.get_log_events(**stream, startFromHead=True, **following)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
                raise
            return token
        for each in page["events"]:
            show(each["message"].rstrip("\n"))
        if page["nextForwardToken"] == token:
            return token
        token = page["nextForwardToken"]
