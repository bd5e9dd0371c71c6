"""`why` on the simulated cloud, with clients whose requests and responses botocore accepts."""

from __future__ import annotations

import pytest

from config.problems import UserError
from ops import why, why_view
from simulator.aws.ecs_rollout import Rollout
from tests.declared import STACKS
from tests.unit.ops.operated import Operated
from tests.unit.ops.simulated import Simulated, simulated

MISSING = "ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find the specified secret"


def read(cloud: Simulated, service: str = "promptsvc") -> why.Why:
    return why.read(cloud.cloud, "dev", service, STACKS)


def test_a_service_whose_rollout_succeeded_has_no_cause() -> None:
    found = read(simulated())
    assert (found.verdict, found.cause, found.stopped, found.log) == (why.HEALTHY, None, (), None)


def test_its_permissions_are_those_of_the_requests_that_it_sends() -> None:
    cloud = simulated()
    cloud.roll_out("mcp", Rollout.ROLLED_BACK, "rollback")
    read(cloud, "mcp")
    assert sorted(cloud.actions) == sorted(why.PERMISSIONS)


def test_a_rollback_shows_the_deployment_the_tasks_the_events_and_the_last_lines() -> None:
    cloud = simulated()
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "rollback")
    found = read(cloud)
    assert found.verdict == why.FAILED
    assert found.deployment is not None
    assert found.detail is not None
    assert (found.deployment.status, found.detail.revision, found.detail.former) == (
        "ROLLBACK_SUCCESSFUL",
        "mrgnl-promptsvc:2",
        "mrgnl-promptsvc:1",
    )
    assert (found.detail.failures, found.detail.threshold) == (3, 3)
    assert {(each.stop_code, each.stopped_reason) for each in found.stopped} == {
        ("EssentialContainerExited", "Essential container in task exited")
    }
    ended = [container.exit_code for each in found.stopped for container in each.containers]
    assert [each for each in ended if each is not None] == [1, 1, 1], "one service's container in each task"
    assert found.events[0].message.endswith("deployment failed: tasks failed to start.")
    assert found.log is not None
    assert found.log.stream == f"task/promptsvc/{found.stopped[0].id}"
    assert "the simulated fault rollback" in found.log.lines[-1].message
    assert found.cause is not None
    assert found.cause.text == "The process ended by itself."


def test_a_rollout_that_an_alarm_ended_has_no_failed_task_and_names_the_alarm() -> None:
    cloud = simulated()
    alarms = {"enable": True, "rollback": True, "alarmNames": ["mrgnl-gateway-errors"]}
    cloud.change(cloud.service("mcp"), alarms=alarms)
    cloud.roll_out("mcp", Rollout.ROLLED_BACK, "alarm")
    found = read(cloud, "mcp")
    assert (found.verdict, found.stopped, found.log) == (why.FAILED, (), None)
    assert found.detail is not None
    assert (found.detail.alarms, found.detail.failures) == (("mrgnl-gateway-errors",), 0)
    assert any(each.message.endswith("deployment failed: alarm detected.") for each in found.events)
    assert found.cause is not None
    assert found.cause.text == "An alarm ended the deployment."


@pytest.mark.parametrize(
    ("service", "probe", "reason", "text"),
    [
        ("promptsvc", True, "Task failed container health checks", "The container's health check failed"),
        (
            "mcp",
            False,
            "Task failed ELB health checks in (target-group arn:aws:",
            "The service does not answer the load",
        ),
    ],
)
def test_a_first_rollout_that_never_becomes_healthy_names_the_check_that_failed(
    service: str, probe: bool, reason: str, text: str
) -> None:
    cloud = simulated(probe=probe)
    cloud.roll_out(service, Rollout.FAILED, "unhealthy")
    found = read(cloud, service)
    assert {each.stopped_reason[: len(reason)] for each in found.stopped} == {reason}
    assert found.cause is not None
    assert found.cause.text.startswith(text)
    assert found.running.tasks == 0


@pytest.mark.parametrize(
    ("reason", "code", "text"),
    [
        (MISSING, "TaskFailedToStart", "A secret does not exist"),
        ("CannotPullContainerError: x@sha256:1: not found", "TaskFailedToStart", "The image is not in ECR"),
        ("the connection to database times out: no route", "EssentialContainerExited", "The service does not reach"),
        (
            "EssentialContainerExited: mcp: set exactly one of",
            "EssentialContainerExited",
            "The process ended by itself",
        ),
        (
            "the health check of mcp always fails, so the task is stopped as unhealthy: the image has no shell",
            "ServiceSchedulerInitiated",
            "The container's health check failed",
        ),
        (
            "AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started",
            "EssentialContainerExited",
            "A name does not resolve",
        ),
    ],
)
def test_what_stops_a_simulated_task_has_the_same_cause_here(reason: str, code: str, text: str) -> None:
    cloud = simulated()
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "", reason)
    found = read(cloud)
    assert {each.stop_code for each in found.stopped} == {code}
    assert found.cause is not None
    assert found.cause.text.startswith(text)


def test_a_task_that_cannot_be_placed_is_an_event_and_no_stopped_task() -> None:
    cloud = simulated()
    reason = "unable to place a task because no container instance met all of its requirements: the launch type is EC2"
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "", reason)
    found = read(cloud)
    assert found.stopped == ()
    assert f"(service promptsvc) was {reason}." in [each.message for each in found.events]
    assert found.cause is not None
    assert found.cause.text == "ECS found no place for the task."


def test_a_rollout_in_progress_without_a_failed_task_has_no_cause(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = simulated()
    cloud.roll_out("promptsvc", Rollout.IN_PROGRESS, "in-progress")
    found = read(cloud)
    assert (found.verdict, found.cause) == (why.RUNNING, None)
    why_view.show(found)
    ends = "`python -m ops stop-rollout dev promptsvc --simulator` ends it."
    assert f"None: no task has failed. ECS completes it by itself; {ends}" in capsys.readouterr().out


def test_a_rollout_that_somebody_stopped_has_no_failed_task(operated: Operated) -> None:
    operated.release("c", fault="in-progress")
    assert operated.run("stop-rollout", "prod", "promptsvc", "--yes") == 0
    found = why.read(operated.cloud, "prod", "promptsvc", operated.root)
    assert (found.verdict, found.stopped) == (why.FAILED, ())
    assert found.detail is not None
    assert (found.detail.revision, found.detail.former, found.detail.failures) == (
        "mrgnl-promptsvc:3",
        "mrgnl-promptsvc:2",
        0,
    )
    assert found.cause is not None
    assert found.cause.text == "Somebody stopped the deployment or its tasks."


def test_after_a_rollback_by_ecs_the_former_revision_runs_and_nothing_is_wrong(operated: Operated) -> None:
    operated.release("c", fault="rollback")
    assert why.read(operated.cloud, "prod", "promptsvc", operated.root).verdict == why.FAILED
    assert operated.run("rollback", "prod", "promptsvc", "--to", "1", "--now", "--yes") == 0
    found = why.read(operated.cloud, "prod", "promptsvc", operated.root)
    assert (found.verdict, found.running.revision) == (why.HEALTHY, "mrgnl-promptsvc:1")


def test_a_restart_is_what_to_do_with_the_options_of_this_cloud() -> None:
    cloud = simulated()
    reason = "AUTH_SERVICE: authsvc:9001 was not in the namespace when the task started"
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "", reason)
    cause = read(cloud).cause
    assert cause is not None
    assert cause.fix == "`python -m ops restart dev promptsvc --simulator` starts new tasks."


def test_what_to_do_names_commands_that_work_in_the_simulator() -> None:
    cloud = simulated()
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "rollback")
    cause = read(cloud).cause
    assert cause is not None
    assert cause.fix.endswith("then `make up REFRESH=1 STACK=dev`.")


def test_an_unknown_service_is_one_message_with_a_hint() -> None:
    with pytest.raises(UserError) as error:
        read(simulated(), "promtsvc")
    assert str(error.value) == (
        "dev: no service promtsvc. Did you mean promptsvc? It runs authsvc, chatsvc, mcp, promptsvc, scrapsvc."
    )


def test_a_service_that_somebody_deleted_is_one_message_with_the_command() -> None:
    cloud = simulated()
    cloud.store.remove(cloud.service("promptsvc"))
    with pytest.raises(UserError) as error:
        read(cloud)
    assert str(error.value) == "dev/promptsvc: does not exist in ECS. Create it again: make up REFRESH=1 STACK=dev"
