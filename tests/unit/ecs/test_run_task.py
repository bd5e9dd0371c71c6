from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecs import run_task
from ecs.run_task import LINES, POLL, STOPPING, NotStartedError, Outcome, Run

CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/mrgnl"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/mrgnl/0123"
RUN = Run(
    cluster=CLUSTER,
    task_definition="arn:aws:ecs:us-east-1:123456789012:task-definition/mrgnl-promptsvc-migrate:2",
    subnets=["subnet-1", "subnet-2"],
    security_groups=["sg-1"],
    assign_public_ip=False,
    container="promptsvc",
    log_group="/ecs/mrgnl-promptsvc",
    stream_prefix="migrate",
    started_by="promptsvc-migrated",
)


def task(status: str, **container: Any) -> dict[str, Any]:
    stopped = {"stoppedReason": "Essential container in task exited"} if status == "STOPPED" else {}
    containers = [{"name": "other", "exitCode": 7}, {"name": "promptsvc", **container}]
    return {
        "taskArn": TASK,
        "taskDefinitionArn": RUN.task_definition,
        "lastStatus": status,
        "containers": containers,
        **stopped,
    }


@dataclass
class Aws:
    """ECS and CloudWatch Logs, which answer each DescribeTasks with the next of these tasks, at the end with the last.

    None stands for a task that ECS does not know yet.
    """

    tasks: Sequence[dict[str, Any] | None] = (task("STOPPED", exitCode=0),)
    failures: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    log_error: str = ""
    running: list[str] = field(default_factory=lambda: [TASK])
    after_stop: dict[str, Any] | None = None
    requests: list[tuple[str, Any]] = field(default_factory=list[tuple[str, Any]])
    paused: float = 0

    def run_task(self, **request: Any) -> Any:
        self.requests.append(("run_task", request))
        return {"tasks": [] if self.failures else [{"taskArn": TASK}], "failures": self.failures}

    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Any:
        assert (cluster, tasks) == (CLUSTER, [TASK])
        stopped = [each for each in self.requests if each[0] == "stop_task"]
        if stopped and self.after_stop:
            return {"tasks": [self.after_stop]}
        if not hasattr(self, "_next"):
            self._next: Iterator[dict[str, Any] | None] = iter(self.tasks)
        found = next(self._next, self.tasks[-1])
        return {"tasks": [found] if found else [], "failures": []}

    def list_tasks(self, **request: Any) -> Any:
        self.requests.append(("list_tasks", request))
        return {"taskArns": self.running}

    def stop_task(self, **request: Any) -> Any:
        self.requests.append(("stop_task", request))

    def get_log_events(self, **request: Any) -> Any:
        self.requests.append(("get_log_events", request))
        if self.log_error:
            raise ClientError({"Error": {"Code": self.log_error, "Message": "no"}}, "GetLogEvents")
        return {"events": [{"message": "one\n"}, {"message": "two"}]}

    def pause(self, seconds: float) -> None:
        self.paused += seconds


def wait(aws: Aws, timeout: float = 900, reported: list[str] | None = None) -> Outcome:
    report = (reported if reported is not None else []).append
    return run_task.wait(aws, aws, RUN, TASK, timeout=timeout, pause=aws.pause, report=report)


def test_a_task_starts_on_fargate_in_the_given_network_and_keeps_its_own_command() -> None:
    aws = Aws()
    assert run_task.start(aws, RUN) == TASK
    assert aws.requests == [
        (
            "run_task",
            {
                "cluster": CLUSTER,
                "taskDefinition": RUN.task_definition,
                "launchType": "FARGATE",
                "networkConfiguration": {
                    "awsvpcConfiguration": {
                        "subnets": ["subnet-1", "subnet-2"],
                        "securityGroups": ["sg-1"],
                        "assignPublicIp": "DISABLED",
                    }
                },
                "overrides": {},
                "startedBy": "promptsvc-migrated",
                "enableECSManagedTags": True,
                "propagateTags": "TASK_DEFINITION",
            },
        )
    ]


def test_a_command_replaces_that_of_the_named_container() -> None:
    aws = Aws()
    run_task.start(aws, replace(RUN, command=["-sweep"]))
    assert aws.requests[0][1]["overrides"] == {"containerOverrides": [{"name": "promptsvc", "command": ["-sweep"]}]}


def test_a_task_that_ecs_does_not_place_is_an_error_with_its_reason() -> None:
    with pytest.raises(NotStartedError, match="RESOURCE:FARGATE none left"):
        run_task.start(Aws(failures=[{"reason": "RESOURCE:FARGATE", "detail": "none left"}]), RUN)


def test_the_outcome_has_the_exit_code_and_the_log_of_the_named_container_alone() -> None:
    reported: list[str] = []
    aws = Aws([None, task("PENDING"), task("RUNNING"), task("RUNNING"), task("STOPPED", exitCode=3)])
    assert wait(aws, reported=reported) == Outcome(
        arn=TASK, exit_code=3, reason="Essential container in task exited", lines=("one", "two")
    )
    assert (reported, aws.paused) == (["PENDING", "RUNNING", "STOPPED"], 4 * POLL)
    stream = {"logGroupName": "/ecs/mrgnl-promptsvc", "logStreamName": "migrate/promptsvc/0123"}
    assert aws.requests == [("get_log_events", {**stream, "limit": LINES, "startFromHead": False})]


@pytest.mark.parametrize(
    ("container", "succeeded", "never_started"),
    [({"exitCode": 0}, True, False), ({"exitCode": 1}, False, False), ({}, False, True)],
)
def test_only_the_exit_code_0_is_a_success(container: dict[str, int], succeeded: bool, never_started: bool) -> None:
    outcome = wait(Aws([task("STOPPED", **container)]))
    assert (outcome.succeeded, outcome.never_started) == (succeeded, never_started)


def test_the_reason_of_the_container_is_part_of_the_outcome() -> None:
    outcome = wait(Aws([task("STOPPED", exitCode=137, reason="OutOfMemoryError")]))
    assert outcome.reason == "OutOfMemoryError; Essential container in task exited"


def test_a_task_that_does_not_end_in_time_is_stopped_and_has_not_succeeded() -> None:
    aws = Aws([task("RUNNING")], after_stop=task("STOPPED", exitCode=0))
    outcome = wait(aws, timeout=20)
    assert (outcome.timed_out, outcome.succeeded, outcome.never_started) == (True, False, False)
    assert aws.requests[0] == (
        "stop_task",
        {"cluster": CLUSTER, "task": TASK, "reason": "it took longer than 20 seconds"},
    )
    assert aws.paused == 20 + POLL


def test_the_wait_ends_even_if_ecs_does_not_stop_the_task() -> None:
    aws = Aws([task("RUNNING")])
    assert wait(aws, timeout=20).timed_out
    assert aws.paused == 20 + STOPPING


def test_a_task_that_ecs_does_not_know_after_a_minute_is_an_error() -> None:
    with pytest.raises(NotStartedError, match=f"ECS does not know the task {TASK}"):
        wait(Aws([None]))


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("ResourceNotFoundException", ()),
        (
            "AccessDeniedException",
            (
                "The log was not read: An error occurred (AccessDeniedException) when calling the GetLogEvents"
                " operation: no",
            ),
        ),
    ],
)
def test_a_log_that_cannot_be_read_does_not_hide_how_the_task_ended(code: str, lines: tuple[str, ...]) -> None:
    outcome = wait(Aws([task("STOPPED", exitCode=1)], log_error=code))
    assert (outcome.exit_code, outcome.lines) == (1, lines)


def test_only_a_task_of_the_same_revision_counts_as_running_already() -> None:
    aws = Aws([task("RUNNING"), {**task("RUNNING"), "taskDefinitionArn": f"{RUN.task_definition}0"}])
    assert [run_task.running(aws, RUN), run_task.running(aws, RUN)] == [TASK, ""]
    assert aws.requests[0] == ("list_tasks", {"cluster": CLUSTER, "family": "mrgnl-promptsvc-migrate"})
