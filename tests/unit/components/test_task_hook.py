from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pulumi import Output, ResourceHookArgs

from components import task_hook
from components.task_hook import TaskHook, former_values
from config.problems import UserError
from ecs import clients
from tests.unit.ecs.test_run_task import RUN, TASK, Aws, task

PARAMETER = "/marginalia/mrgnl/promptsvc/migrated"
OF = {"owner": "promptsvc", "task": "migration", "effect": "ECS keeps its revision", "advice": "Run `pulumi up`."}


@dataclass
class Account:
    """The clients of the program, and the pages of the parameter's history. None: there is no parameter."""

    ecs: Aws = field(default_factory=Aws)
    history: list[list[str]] | None = None
    denied: str = ""
    reported: list[str] = field(default_factory=list[str])

    def client(self, service: str, region: str) -> Any:
        assert region == "us-east-1"
        return self if service == "ssm" else self.ecs

    def get_parameter_history(self, **request: str) -> Any:
        assert request["Name"] == PARAMETER
        if self.denied or self.history is None:
            code = self.denied or "ParameterNotFound"
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetParameterHistory")
        page = int(request.get("NextToken", "0"))
        more = {"NextToken": str(page + 1)} if page + 1 < len(self.history) else {}
        return {"Parameters": [{"Value": each} for each in self.history[page]], **more}

    def started(self) -> int:
        return sum(name == "run_task" for name, _ in self.ecs.requests)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    found = Account(Aws(running=[]))
    monkeypatch.setattr(clients, "client", found.client)
    monkeypatch.setattr(clients, "pause", found.ecs.pause)
    monkeypatch.setattr(task_hook.pulumi.log, "info", found.reported.append)
    return found


def call(value: str = "sha256:b", timeout: int = 900) -> None:
    """Runs the hook as the engine does, before the parameter gets the value."""

    async def run() -> None:
        hook = TaskHook(
            name="hook", run=Output.from_input(RUN), parameter=PARAMETER, region="us-east-1", timeout=timeout, **OF
        )
        binding: Any = hook.binding
        [bound] = binding.before_create
        assert binding.before_update == [bound]
        await bound(ResourceHookArgs("", "", "", "", new_inputs={"insecureValue": value}))

    asyncio.run(run())


def failure(value: str = "sha256:b", timeout: int = 900) -> str:
    with pytest.raises(UserError) as error:
        call(value, timeout)
    return str(error.value)


def test_the_task_runs_once_and_its_progress_is_shown(account: Account) -> None:
    account.ecs.tasks = [task("PENDING"), task("RUNNING"), task("STOPPED", exitCode=0)]
    call()
    assert account.started() == 1
    assert account.reported == [
        "promptsvc: migration: begins for sha256:b",
        "promptsvc: migration: task 0123 is PENDING",
        "promptsvc: migration: task 0123 is RUNNING",
        "promptsvc: migration: task 0123 is STOPPED",
        "promptsvc: migration: completed",
    ]


def test_a_value_that_the_parameter_ever_had_runs_no_task(account: Account) -> None:
    account.history = [["sha256:a"], ["sha256:b", "sha256:c"]]
    call()
    assert (account.started(), account.reported) == (0, ["promptsvc: migration: done before for sha256:b"])


def test_a_new_value_of_an_existing_parameter_runs_a_task(account: Account) -> None:
    account.history = [["sha256:a"]]
    call()
    assert account.started() == 1


def test_a_failed_task_is_an_error_with_the_end_of_its_log_and_the_advice(account: Account) -> None:
    account.ecs.tasks = [task("STOPPED", exitCode=2)]
    assert failure() == (
        "promptsvc: the migration failed, so ECS keeps its revision: exit code 2 (Essential container in task exited)."
        " The end of its log, migrate/promptsvc/0123 in /ecs/mrgnl-promptsvc:\n    one\n    two\nRun `pulumi up`."
    )


def test_a_task_that_never_started_is_started_once_more(account: Account) -> None:
    account.ecs.tasks, account.ecs.log_error = [task("STOPPED")], "ResourceNotFoundException"
    assert failure() == (
        "promptsvc: the migration failed, so ECS keeps its revision: Essential container in task exited."
        " It wrote no log. Run `pulumi up`."
    )
    assert account.started() == 2


def test_a_task_that_takes_too_long_is_stopped_and_not_started_again(account: Account) -> None:
    account.ecs.tasks, account.ecs.after_stop = [task("RUNNING")], task("STOPPED", exitCode=137)
    assert "so ECS keeps its revision: it took longer than 2 minutes and was stopped. The end" in failure(timeout=120)
    assert account.started() == 1


def test_the_task_that_a_killed_update_left_is_waited_for(account: Account) -> None:
    account.ecs.running = [TASK]
    call()
    assert account.started() == 0


@pytest.mark.parametrize(
    ("denied", "failures", "why"),
    [
        ("AccessDenied", [], "An error occurred (AccessDenied) when calling the GetParameterHistory operation: no"),
        ("", [{"reason": "RESOURCE:FARGATE"}], "RESOURCE:FARGATE"),
    ],
)
def test_a_task_that_cannot_be_started_is_an_error_with_the_answer_of_aws(
    account: Account, denied: str, failures: list[dict[str, str]], why: str
) -> None:
    account.denied, account.ecs.failures = denied, failures
    assert failure() == f"promptsvc: the migration failed, so ECS keeps its revision: {why}. Run `pulumi up`."


def test_a_parameter_that_does_not_exist_has_no_former_values(account: Account) -> None:
    assert list(former_values(account, PARAMETER)) == []
