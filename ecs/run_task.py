"""Runs one task on Fargate to its end: a migration, a job.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

POLL = 5
"""Seconds between two requests for the state of a task."""
VISIBLE = 60
"""Seconds for a new task to be found: ECS's answers follow a request only after some time.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""
STOPPING = 180
"""Seconds for a task to end after a request to stop it: Fargate allows a stopTimeout of 120 at most.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""
LINES = 10
"""The last lines of the log that an Outcome has."""


class Ecs(Protocol):
    """The methods of the boto3 client that this module uses."""

    def run_task(self, **request: Any) -> Any: ...
    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Any: ...
    def list_tasks(self, **request: Any) -> Any: ...
    def stop_task(self, *, cluster: str, task: str, reason: str) -> Any: ...


class Logs(Protocol):
    """The method of the boto3 client that this module uses."""

    def get_log_events(self, **request: Any) -> Any: ...


class NotStartedError(Exception):
    """ECS started no task. The message is ECS's reason."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one task runs, and where."""

    cluster: str
    """The ARN."""
    task_definition: str
    """The ARN of the revision."""
    subnets: Sequence[str]
    security_groups: Sequence[str]
    assign_public_ip: bool
    container: str
    """The name of the container whose exit code and log are the task's."""
    log_group: str
    stream_prefix: str
    """The awslogs-stream-prefix of the container."""
    started_by: str
    """Who starts it: the logical name of the resource whose hook does, or a tool. Letters, numbers, `-`, `/` and `_`.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html (startedBy, 128 at most)"""
    command: Sequence[str] | None = None
    """In place of the container's command."""
    exec: bool = False
    """Whether sessions of ECS Exec can be opened in it."""

    def stream(self, arn: str) -> str:
        """The log stream of a task. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
        return f"{self.stream_prefix}/{self.container}/{arn.rpartition('/')[2]}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a task ended."""

    arn: str
    exit_code: int | None
    """The container's; None if it never started, or if it did not end in time."""
    reason: str
    """Why the task ended, in ECS's words."""
    lines: tuple[str, ...]
    """The last lines of the container's log."""
    timed_out: bool = False
    """Whether it did not end in time and was stopped."""

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0 and not self.timed_out

    @property
    def never_started(self) -> bool:
        """Whether the container never ran, so that another start repeats nothing."""
        return self.exit_code is None and not self.timed_out


def start(ecs: Ecs, run: Run) -> str:
    """Starts the task and returns its ARN. Raises NotStartedError, and ClientError if ECS rejects the request."""
    override = {"name": run.container, **({"command": [*run.command]} if run.command is not None else {})}
    response = ecs.run_task(
        cluster=run.cluster,
        taskDefinition=run.task_definition,
        launchType="FARGATE",
        networkConfiguration={
            "awsvpcConfiguration": {
                "subnets": [*run.subnets],
                "securityGroups": [*run.security_groups],
                "assignPublicIp": "ENABLED" if run.assign_public_ip else "DISABLED",
            }
        },
        overrides={"containerOverrides": [override]} if run.command is not None else {},
        startedBy=run.started_by,
        **({"enableExecuteCommand": True} if run.exec else {}),
        enableECSManagedTags=True,
        propagateTags="TASK_DEFINITION",
    )
    for failure in response.get("failures", []):
        raise NotStartedError(" ".join(filter(None, (failure.get("reason"), failure.get("detail")))))
    return response["tasks"][0]["taskArn"]


def running(ecs: Ecs, run: Run) -> str:
    """The ARN of a task of this revision that runs or starts, such as one that a killed update left; empty if none."""
    family = run.task_definition.rpartition("/")[2].partition(":")[0]
    found: list[str] = ecs.list_tasks(cluster=run.cluster, family=family)["taskArns"]
    described: list[dict[str, Any]] = ecs.describe_tasks(cluster=run.cluster, tasks=found)["tasks"] if found else []
    return next((each["taskArn"] for each in described if each["taskDefinitionArn"] == run.task_definition), "")


def watch(ecs: Ecs, run: Run, arn: str, pause: Callable[[float], object]) -> Iterator[dict[str, Any]]:
    """The task as ECS describes it, every POLL seconds, the last time when it has stopped.

    Raises NotStartedError if ECS does not know it. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html
    """
    unknown = 0
    while True:
        found = ecs.describe_tasks(cluster=run.cluster, tasks=[arn])["tasks"]
        if found:
            yield found[0]
            if found[0]["lastStatus"] == "STOPPED":
                return
        elif (unknown := unknown + POLL) > VISIBLE:
            raise NotStartedError(f"ECS does not know the task {arn}")
        pause(POLL)


def wait(
    ecs: Ecs,
    logs: Logs,
    run: Run,
    arn: str,
    *,
    timeout: float,
    pause: Callable[[float], object],
    report: Callable[[str], object] = lambda _: None,
) -> Outcome:
    """Waits for the end of the task. One that takes longer than `timeout` seconds is stopped.

    `report` gets each status once, such as PENDING. Raises NotStartedError, and ClientError if ECS rejects a request.
    """
    waited, limit, status, timed_out = 0.0, timeout, "", False
    task: dict[str, Any] = {}
    for task in watch(ecs, run, arn, pause):
        if (status := _reported(task, status, report)) == "STOPPED":
            break
        if waited >= limit:
            if timed_out:  # ECS does not end it either
                break
            ecs.stop_task(cluster=run.cluster, task=arn, reason=f"it took longer than {timeout:.0f} seconds")
            timed_out, limit = True, limit + STOPPING
        waited += POLL
    return Outcome(
        arn=arn,
        exit_code=None if timed_out else exit_code(task, run),
        reason=reason(task, run),
        lines=last_lines(logs, run.log_group, run.stream(arn)),
        timed_out=timed_out,
    )


def last_lines(logs: Logs, group: str, stream: str) -> tuple[str, ...]:
    """The last lines of a log stream; none if it does not exist, as that of a container that never started."""
    from botocore.exceptions import ClientError

    try:
        found = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=LINES, startFromHead=False)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ResourceNotFoundException":
            return (f"The log was not read: {error}",)  # must not hide why the task ended
        return ()
    return tuple(each["message"].rstrip("\n") for each in found["events"])


def _reported(task: dict[str, Any], status: str, report: Callable[[str], object]) -> str:
    """The task's status, reported if it is another one."""
    now: str = task["lastStatus"]
    if now != status:
        report(now)
    return now


def _container(task: dict[str, Any], run: Run) -> dict[str, Any]:
    containers: list[dict[str, Any]] = task.get("containers", [])
    return next((each for each in containers if each["name"] == run.container), dict[str, Any]())


def exit_code(task: dict[str, Any], run: Run) -> int | None:
    """The container's; None if it never started."""
    return _container(task, run).get("exitCode")


def reason(task: dict[str, Any], run: Run) -> str:
    """That of the container, such as OutOfMemoryError, and that of the task."""
    reasons = (_container(task, run).get("reason"), task.get("stoppedReason"))
    return "; ".join(dict.fromkeys(each for each in reasons if each))
