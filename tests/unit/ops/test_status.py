"""`status` on the simulated cloud, with clients whose requests and responses botocore accepts."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from config.problems import UserError
from cost.estimate import estimate
from cost.money import between
from ecs import types
from ops import output, run, status, status_view
from simulator.aws import ecs_runs
from simulator.aws.ecs_rollout import Rollout
from simulator.store import Object
from tests.declared import ACCOUNT, CATALOGUE, REGION, STACKS, declare_program
from tests.images import images
from tests.priced import deployment, export
from tests.unit.ops.boto import answering
from tests.unit.ops.simulated import Simulated, simulated

WHY = "`python -m ops why dev promptsvc --simulator` shows the evidence."


def problems(cloud: Simulated) -> list[str]:
    return list(status.read(cloud.cloud, "dev", STACKS).problems)


def test_a_stack_after_a_deployment_that_succeeded_has_no_problem() -> None:
    found = status.read(simulated().cloud, "dev", STACKS)
    assert found.problems == ()
    assert {each.name: each.health for each in found.services} == dict.fromkeys(
        ("authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc"), (1, 0, 0)
    )
    assert [each.state for service in found.services for each in service.targets] == ["healthy"]
    assert found.database is not None
    assert (found.database.status, found.database.pending, found.alarms) == ("available", (), ())


def test_its_permissions_are_those_of_the_requests_that_it_sends() -> None:
    cloud = simulated(jobs=True)
    cloud.roll_out("mcp", Rollout.IN_PROGRESS, "in-progress")
    status.read(cloud.cloud, "dev", STACKS)
    assert sorted(cloud.actions) == sorted(status.PERMISSIONS)


@pytest.mark.parametrize(
    ("outcome", "fault", "problem"),
    [
        (Rollout.ROLLED_BACK, "rollback", "the last deployment failed (ROLLBACK_SUCCESSFUL)."),
        (Rollout.FAILED, "unhealthy", "the last deployment failed (STOPPED)."),
        (
            Rollout.IN_PROGRESS,
            "in-progress",
            "a deployment of mrgnl-promptsvc:2 is in progress (0 tasks run, 1 start, 0 failed).",
        ),
    ],
)
def test_a_rollout_that_did_not_succeed_is_a_problem_that_names_the_next_command(
    outcome: Rollout, fault: str, problem: str
) -> None:
    cloud = simulated()
    cloud.roll_out("promptsvc", outcome, fault)
    assert problems(cloud) == [f"promptsvc: {problem} {WHY}"]


def test_a_service_that_somebody_deleted_is_a_problem() -> None:
    cloud = simulated()
    cloud.store.remove(cloud.service("promptsvc"))
    assert problems(cloud) == [f"promptsvc: does not exist in ECS. {WHY}"]


@pytest.mark.parametrize(
    ("states", "problem"),
    [
        (["unhealthy"], "the load balancer has no healthy target."),
        (["healthy", "unhealthy"], "1 of 2 targets of the load balancer are not healthy."),
        (["healthy", "initial", "draining"], ""),
    ],
)
def test_a_gateway_with_a_target_that_is_not_healthy_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, states: list[str], problem: str
) -> None:
    cloud = simulated()
    answer: Any = {
        "TargetHealthDescriptions": [
            {"Target": {"Id": f"10.20.0.{number}", "Port": 8080}, "TargetHealth": {"State": state}}
            for number, state in enumerate(states)
        ]
    }
    monkeypatch.setattr("simulator.boto.elbv2.Elbv2.describe_target_health", answering(answer))
    assert problems(cloud) == ([f"mcp: {problem} {WHY.replace('promptsvc', 'mcp')}"] if problem else [])


def test_a_service_that_runs_another_image_than_the_update_requested_is_a_problem() -> None:
    cloud = simulated()
    cloud.outputs["images"]["promptsvc"] = cloud.outputs["images"]["promptsvc"].replace("a" * 64, "b" * 64)
    [problem] = problems(cloud)
    assert problem.startswith("promptsvc: runs mrgnl-promptsvc:1, whose image is not the one of the last update.")


def test_a_database_that_does_not_exist_is_a_problem() -> None:
    cloud = simulated()
    [instance] = cloud.store.find(types.DB_INSTANCE)
    cloud.store.remove(instance)
    [problem] = problems(cloud)
    assert problem.startswith("database: mrgnl does not exist. `make up REFRESH=1 STACK=dev` creates an empty one;")


def test_only_alarms_of_the_stack_that_are_in_the_state_alarm_are_problems() -> None:
    cloud = simulated()
    for name, state in (("mrgnl-gateway-5xx", "ALARM"), ("mrgnl-memory", "OK"), ("other-memory", "ALARM")):
        properties = {"name": name, "stateValue": state, "stateReason": "5 of 5 above 5"}
        where: Any = {"account": ACCOUNT, "region": REGION, "urn": "", "run": ""}
        cloud.store.put(Object(kind=types.METRIC_ALARM, id=name, properties=properties, **where))
    assert problems(cloud) == ["alarm mrgnl-gateway-5xx: 5 of 5 above 5"]


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ("failed", "update: the last one failed. Remove the cause, then run `make up REFRESH=1 STACK=dev`."),
        ("in-progress", "update: one is in progress, or was interrupted. Wait for it, or see"),
    ],
)
def test_an_update_that_did_not_succeed_is_a_problem(result: str, problem: str) -> None:
    cloud = simulated()
    cloud.history.append(SimpleNamespace(kind="update", result=result, environment={}))
    [found] = problems(cloud)
    assert found.startswith(problem)


def test_without_health_checks_no_task_is_called_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    found = status.read(simulated(probe=False).cloud, "dev", STACKS)
    assert {each.health for each in found.services} == {(0, 0, 1)}
    status_view.show(found)
    assert "not checked" in capsys.readouterr().out


def test_the_commit_of_an_image_is_found_by_its_tag_if_the_stack_does_not_know_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digest = f"sha256:{'a' * 64}"
    details = [{"imageDigest": digest, "imageTags": ["promoted-prod-1", "src-0123456789ab"]}]
    monkeypatch.setattr("simulator.boto.ecr.Ecr.describe_images", answering({"imageDetails": details}))
    found = status.read(simulated().cloud, "dev", STACKS)
    assert {each.commit for each in found.services} == {"0123456789ab"}


def test_the_cost_is_estimated_from_the_state_with_its_budget(capsys: pytest.CaptureFixture[str]) -> None:
    alerts = {"emails": ["a@example.com"]}
    priced = declare_program(build=None, images=images(CATALOGUE.names), alerts=alerts, budget=500)
    found = status.read(replace(simulated(), resources=export(priced)).cloud, "dev", STACKS)
    expected = estimate(deployment(priced))
    assert found.cost == status.Cost(least=expected.least, most=expected.most, budget=500)
    status_view.show(found)
    line = (
        f"cost        {between(expected.least, expected.most)} a month and what costs by use, estimated, budget $500.00"
    )
    assert line in capsys.readouterr().out


def test_a_state_without_a_region_has_no_cost() -> None:
    assert status.read(simulated().cloud, "dev", STACKS).cost is None


def test_json_has_the_whole_digest_and_times_in_iso_8601() -> None:
    found = json.loads(output.as_json(status.read(simulated().cloud, "dev", STACKS)))
    assert found["services"][0]["running"]["image"].endswith("@sha256:" + "a" * 64)
    assert found["at"] == "2026-01-01T12:00:00+00:00"


def test_the_table_fits_into_80_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    cloud = simulated()
    cloud.roll_out("promptsvc", Rollout.ROLLED_BACK, "rollback")
    status_view.show(status.read(cloud.cloud, "dev", STACKS))
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("┃", "│"))]
    assert len(rows) == 6
    assert "rolled back, 4 min" in "\n".join(rows)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [({}, "dev: runs no services. Deploy them first: make up REFRESH=1 STACK=dev")],
)
def test_a_stack_without_services_is_one_message(outputs: dict[str, Any], message: str) -> None:
    cloud = Simulated(store=simulated().store, outputs=outputs)
    with pytest.raises(UserError) as error:
        status.read(cloud.cloud, "dev", STACKS)
    assert str(error.value).startswith(message)
    assert len(str(error.value).splitlines()) == 1


def with_a_run(**task: Any) -> Simulated:
    """A stack with jobs and migrations, and one run of the job cleanup with these properties."""
    cloud = simulated(jobs=True)
    run.start(cloud.cloud, "dev", "cleanup", STACKS, arguments=(), parallel=False)
    [started] = cloud.store.find(ecs_runs.TASK)
    cloud.change(started, **task)
    return cloud


@pytest.mark.parametrize(
    ("task", "line"),
    [
        ({}, "10 min ago by ops run: exit 0, after 6 min"),
        ({"startedBy": "chronos-schedule/cleanup"}, "10 min ago by schedule: exit 0, after 6 min"),
        ({"startedBy": "logins-applied", "exitCode": 3}, "10 min ago by update: exit 3, after 6 min"),
        ({"exitCode": None}, "10 min ago by ops run: never started"),
        ({"lastStatus": "RUNNING", "exitCode": None}, "10 min ago by ops run: running"),
    ],
)
def test_a_job_shows_its_last_run_and_when_runs_start(task: dict[str, Any], line: str) -> None:
    found = status.read(with_a_run(**task).cloud, "dev", STACKS)
    assert [status_view.job(found, each) for each in found.jobs] == [
        f"cleanup: {line}; starts cron(0 3 * * ? *) Europe/Berlin, enabled",
        "export: no run is known; starts by hand",
    ]


def test_a_run_that_failed_and_a_schedule_that_is_disabled_are_problems() -> None:
    cloud = with_a_run(exitCode=3)
    [schedule] = cloud.store.find(types.SCHEDULE)
    cloud.change(schedule, state="DISABLED")
    assert [each.partition(". ")[0] for each in problems(cloud)] == [
        "dev/cleanup: its schedule is DISABLED, so no run starts",
        "dev/cleanup: the last run has failed: exit code 3",
    ]


def test_the_image_that_was_migrated_last_is_shown_with_the_one_that_runs_if_they_differ() -> None:
    cloud = simulated(jobs=True)
    [parameter] = [each for each in cloud.store.find(types.PARAMETER) if "/promptsvc/" in each.id]
    cloud.change(parameter, history=["sha256:" + "b" * 64 + " in db-1"])
    found = status.read(cloud.cloud, "dev", STACKS)
    assert {each.service: each.digest[:3] for each in found.migrations} == {
        "authsvc": "aaa",
        "chatsvc": "aaa",
        "promptsvc": "bbb",
        "scrapsvc": "aaa",
    }
    assert [status_view.migration(found, each) for each in found.migrations][1:3] == [
        "chatsvc: aaaaaaa",
        "promptsvc: bbbbbbb, runs aaaaaaa",
    ]


def test_a_script_reads_the_jobs_and_the_migrations() -> None:
    read = json.loads(output.as_json(status.read(with_a_run().cloud, "dev", STACKS)))
    [cleanup, export] = read["jobs"]
    assert (cleanup["job"]["schedule"], cleanup["runs"][0]["exit_code"], export["runs"]) == ("cron(0 3 * * ? *)", 0, [])
    assert read["migrations"][0] == {"service": "authsvc", "digest": "a" * 12}
