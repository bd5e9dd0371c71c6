from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi import ErrorHookArgs, ResourceHookArgs, RunError
from pulumi_aws.ecs.outputs import GetServiceDeploymentResult

from components import rollout
from components.rollout import Deployment
from ecs import types
from tests.declared import declare
from tests.unit.components import build

REVISION = "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-promptsvc"
ROLLED_BACK = (
    "promptsvc: ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2; {}. `python -m ops why STACK promptsvc` shows why."
    " `pulumi up --refresh` deploys mrgnl-promptsvc:2 again. If the revision is at fault, fix or revert it first."
)
NOT_RUNNING = (
    "promptsvc: no task of mrgnl-promptsvc:2 runs; {}. `python -m ops why STACK promptsvc` shows why. To deploy it"
    " again, increment redeploy.promptsvc in the stack file and run `pulumi up --refresh`. If the revision is at"
    " fault, fix or revert it first."
)
IN_PROGRESS = (
    "promptsvc: the deployment of mrgnl-promptsvc:2 is in progress; {}. `python -m ops why STACK promptsvc` shows why."
    " Wait until ECS has completed it or rolled it back, then run `pulumi up --refresh`. If the revision is at fault,"
    " fix or revert it first."
)
PROBLEMS = [
    ({"running": 1}, ROLLED_BACK, "the deployment was rolled back"),
    ({"running": 1, "in_progress": True}, ROLLED_BACK, "the deployment was rolled back"),
    ({"tasks": 0}, NOT_RUNNING, "the deployment failed"),
    ({"in_progress": True}, IN_PROGRESS, "the update did not wait for it"),
]
GETTERS = ("created_at", "desired_count", "id", "pending_count", "running_count", "task_definition", "updated_at")
HOOK: dict[str, Any] = {"urn": "", "id": "", "name": "", "type": types.SERVICE}


@pytest.fixture
def warnings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", found.append)
    return found


def error(*, deployed: bool, running: int = 2, tasks: int = 1, in_progress: bool = False) -> str:
    return rollout.error(
        "promptsvc",
        deployed=deployed,
        requested=f"{REVISION}:2",
        running=f"{REVISION}:{running}",
        tasks=tasks,
        in_progress=in_progress,
    )


@pytest.mark.parametrize("deployed", [True, False])
def test_a_running_task_of_the_requested_revision_is_accepted(deployed: bool, warnings: list[str]) -> None:
    assert (error(deployed=deployed), warnings) == ("", [])


@pytest.mark.parametrize(("live", "message", "reason"), PROBLEMS)
def test_a_deployment_that_did_not_succeed_is_an_error_with_the_command_that_ends_it(
    live: dict[str, Any], message: str, reason: str, warnings: list[str]
) -> None:
    assert error(deployed=True, **live) == message.format(reason)
    assert warnings == []


@pytest.mark.parametrize(("live", "message", "reason"), PROBLEMS)
def test_a_service_that_the_update_did_not_deploy_is_only_a_warning(
    live: dict[str, Any], message: str, reason: str, warnings: list[str]
) -> None:
    assert error(deployed=False, **live) == ""
    assert warnings == [message.format("this update did not deploy it")]


@pytest.mark.parametrize(
    ("statuses", "in_progress"), [(["PRIMARY"], False), (["PRIMARY", "ACTIVE"], True), (["PRIMARY", "INACTIVE"], False)]
)
def test_a_deployment_is_in_progress_while_tasks_of_a_former_one_run(statuses: list[str], in_progress: bool) -> None:
    rest: dict[str, Any] = dict.fromkeys(GETTERS)
    deployments = [GetServiceDeploymentResult(status=each, **rest) for each in statuses]
    assert rollout.is_in_progress(deployments) is in_progress


def test_the_error_has_a_line_for_each_failed_service() -> None:
    arns = {"authsvc": "a", "chatsvc": "c", "mcp": "m"}
    assert rollout.require(arns, ["", ""]) == arns
    with pytest.raises(RunError, match=r"\Aauthsvc: no\.\nmcp: no\.\Z"):
        rollout.require(arns, ["authsvc: no.", "", "mcp: no."])


def test_a_completed_create_or_update_of_the_ecs_service_is_its_deployment() -> None:
    completed: dict[str, list[bool]] = {}

    def complete() -> None:
        for name in ("after_create", "after_update"):
            deployment = Deployment(name)
            [hook] = getattr(deployment.hooks, name)
            before = deployment.completed
            hook(ResourceHookArgs(**HOOK))
            completed[name] = [before, deployment.completed]

    declare(complete)
    assert completed == {"after_create": [False, True], "after_update": [False, True]}


def test_a_failed_create_or_update_is_not_repeated_and_its_commands_are_a_warning(warnings: list[str]) -> None:
    repeats: list[object] = []

    def fail() -> None:
        [hook] = Deployment("promptsvc").hooks.on_error or []
        repeats.append(hook(ErrorHookArgs(**HOOK, failed_operation="update")))

    declare(fail)
    assert repeats == [False]
    assert warnings == [
        "promptsvc: the deployment failed. `python -m ops why STACK promptsvc` shows why. `pulumi up --refresh` deploys"
        " the revision again; if no revision of the service ever ran, or only redeploy.promptsvc was changed,"
        " increment redeploy.promptsvc in the stack file first. If the revision is at fault, fix or revert it first."
    ]


def test_the_ecs_service_has_these_hooks() -> None:
    hooks = build.promptsvc().one(types.SERVICE, "promptsvc-service").options.hooks
    assert [[*each] for each in (hooks.after_create, hooks.after_update, hooks.on_error)] == [
        ["promptsvc-deployed"],
        ["promptsvc-deployed"],
        ["promptsvc-not-deployed"],
    ]
