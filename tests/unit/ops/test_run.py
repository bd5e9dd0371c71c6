"""`run` and `jobs` on the simulated cloud, with requests and responses that botocore's models accept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.problems import UserError
from ecs import types
from ops import jobs, jobs_view, logs, run
from ops.jobs import Run
from simulator.aws import ecs_runs
from simulator.boto.errors import client_error
from simulator.clock import NOW
from tests.declared import STACKS
from tests.unit.ops.simulated import Simulated, simulated


@pytest.fixture
def cloud() -> Simulated:
    return simulated(jobs=True)


def start(cloud: Simulated, job: str = "cleanup", *arguments: str, parallel: bool = False) -> run.Started:
    return run.start(cloud.cloud, "dev", job, STACKS, arguments=arguments, parallel=parallel)


def follow(started: run.Started) -> tuple[list[str], int | None]:
    lines: list[str] = []
    code, _ = run.follow(started, lines.append, lambda _: None)
    return lines, code


def tasks(cloud: Simulated) -> list[Any]:
    return [each.properties for each in cloud.store.find(ecs_runs.TASK)]


def go_on(cloud: Simulated, job: str = "cleanup") -> None:
    """Leaves a run of the job that has not ended."""
    started = start(cloud, job)
    [task] = [each for each in cloud.store.find(ecs_runs.TASK) if each.id == started.arn]
    cloud.change(task, lastStatus="RUNNING", exitCode=None)


def test_a_run_shows_each_line_of_its_log_once_and_ends_as_its_container(cloud: Simulated) -> None:
    assert follow(start(cloud)) == (['{"level": "INFO", "msg": "started"}', '{"level": "INFO", "msg": "completed"}'], 0)


def test_a_run_is_of_the_deployed_revision_with_the_jobs_network_and_command(cloud: Simulated) -> None:
    started = start(cloud)
    job = cloud.outputs["jobs"]["cleanup"]
    assert started.run.task_definition == job["task-definition"]
    assert [started.run.subnets, started.run.security_groups] == [job["subnets"], job["security-groups"]]
    assert tasks(cloud)[0]["overrides"] == {}


def test_arguments_follow_those_of_the_jobs_command(cloud: Simulated) -> None:
    start(cloud, "cleanup", "-dry-run")
    [task] = tasks(cloud)
    assert task["overrides"] == {"containerOverrides": [{"name": "cleanup", "command": ["-cleanup", "-dry-run"]}]}


def test_its_permissions_are_those_of_the_requests_that_it_sends(cloud: Simulated) -> None:
    follow(start(cloud))
    # RunTask checks these two: the tags and the roles of the task.
    assert sorted({*cloud.actions, "ecs:TagResource", "iam:PassRole"}) == sorted(run.PERMISSIONS)


def test_a_run_that_cannot_start_has_no_exit_code_and_no_line(cloud: Simulated) -> None:
    [group] = cloud.store.find(types.LOG_GROUP, name="/ecs/mrgnl-cleanup")
    cloud.store.remove(group)
    started = start(cloud)
    cloud.store.put(group)
    assert follow(started) == ([], None)


def test_a_second_run_starts_only_with_parallel(cloud: Simulated) -> None:
    go_on(cloud)
    with pytest.raises(
        UserError, match=r"^dev/cleanup: a run is going on: task [0-9a-f]{32}\. `python -m ops jobs dev"
    ):
        start(cloud)
    start(cloud, "export")
    start(cloud, parallel=True)
    assert len(tasks(cloud)) == 3


def test_what_is_no_job_is_one_message(cloud: Simulated) -> None:
    for name, message in {
        "clenup": "dev: no job clenup. Did you mean cleanup? Its jobs are cleanup, export.",
        "authsvc": "dev: authsvc is a service, which ECS keeps running, and no job.",
    }.items():
        with pytest.raises(UserError) as error:
            start(cloud, name)
        assert str(error.value) == message
    with pytest.raises(UserError) as error:
        start(simulated())
    assert str(error.value) == "dev: no job cleanup. It has none: docs/howto/jobs.md"


@dataclass
class Growing:
    """A log stream that appears late and has one line more at each reading."""

    lines: list[str]
    read: int = -1
    requests: list[Any] = field(default_factory=list[Any])

    def get_log_events(self, **request: Any) -> Any:
        begin = int(request.get("nextToken", "f/0")[2:])
        self.requests.append(request)
        if not request.get("nextToken") or begin == self.read:
            self.read = min(self.read + 1, len(self.lines))
        if self.read <= 0:
            raise client_error("GetLogEvents", "ResourceNotFoundException", "no such stream")
        events = [{"message": each} for each in self.lines[begin : self.read]]
        return {"events": events, "nextForwardToken": f"f/{self.read}"}


def test_a_log_that_appears_and_grows_while_the_run_goes_on_is_shown_line_by_line(cloud: Simulated) -> None:
    started = replace(start(cloud), logs=Growing(["one", "two", "three"]))
    assert follow(started)[0] == ["one", "two", "three"]


def read(cloud: Simulated) -> jobs.Jobs:
    return jobs.read(cloud.cloud, "dev", STACKS)


def test_the_jobs_have_their_schedules_and_their_runs(cloud: Simulated) -> None:
    started = start(cloud)
    found = read(cloud)
    assert [(each.job.name, each.schedule) for each in found.jobs] == [("cleanup", "ENABLED"), ("export", "")]
    [only] = found.jobs[0].runs
    assert (only.id, only.exit_code, only.by, found.problems) == (started.id, 0, "ops run", ())
    assert sorted(cloud.actions - set(run.PERMISSIONS) | {"ecs:DescribeTasks", "ecs:ListTasks"}) == sorted(
        jobs.PERMISSIONS
    )


def test_a_failed_run_and_a_schedule_that_starts_none_are_problems_with_the_next_command(cloud: Simulated) -> None:
    start(cloud)
    [task] = cloud.store.find(ecs_runs.TASK)
    cloud.change(task, exitCode=3)
    [schedule] = cloud.store.find(types.SCHEDULE)
    cloud.change(schedule, state="DISABLED")
    assert read(cloud).problems == (
        "dev/cleanup: its schedule is DISABLED, so no run starts. Enable it again: make up REFRESH=1 STACK=dev",
        "dev/cleanup: the last run has failed: exit code 3. Essential container in task exited."
        " `python -m ops logs dev cleanup --since 2h --simulator` shows what it wrote.",
    )
    cloud.store.remove(schedule)
    assert read(cloud).problems[0].startswith("dev/cleanup: its schedule does not exist. Create it again: ")


def test_a_run_that_ecs_has_forgotten_is_known_by_its_log(cloud: Simulated) -> None:
    class Logs:
        def describe_log_streams(self, **_: Any) -> Any:
            created = int((NOW - timedelta(days=1)).timestamp() * 1000)
            return {"logStreams": [{"logStreamName": "task/cleanup/0123", "creationTime": created}]}

    real = cloud.cloud

    def client(service: str, account: str, region: str) -> Any:
        return Logs() if service == "logs" else real.client(service, account, region)

    changed = replace(real, client=client)
    [cleanup, _] = jobs.read(changed, "dev", STACKS).jobs
    assert cleanup.runs == (
        Run(id="0123", began=NOW - timedelta(days=1), ended=None, status="", exit_code=None, reason="", by=""),
    )


@pytest.mark.parametrize(
    ("started_by", "shown"),
    [("chronos-schedule/cleanup", "schedule"), ("ops-run", "ops run"), ("somebody", "somebody")],
)
def test_a_run_says_who_started_it(cloud: Simulated, started_by: str, shown: str) -> None:
    start(cloud)
    [task] = cloud.store.find(ecs_runs.TASK)
    cloud.change(task, startedBy=started_by)
    assert read(cloud).jobs[0].runs[0].by == shown


def test_logs_reads_the_jobs_too(cloud: Simulated) -> None:
    start(cloud)

    def services(*names: str) -> set[str]:
        reader, selection, _ = logs.select(cloud.cloud, "dev", STACKS, [*names], "", proxy=False)
        return {each.service for each in logs.read(reader, selection, datetime(2026, 1, 1, tzinfo=UTC))}

    assert services("cleanup") == {"cleanup"}
    assert {"cleanup", "mcp"} <= services()


def test_the_table_shows_each_job_once_and_each_run(
    cloud: Simulated, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    start(cloud)
    go_on(cloud)
    jobs_view.show(read(cloud))
    printed = capsys.readouterr().out
    assert [printed.count(each) for each in ("│ cleanup", "│ export", "exit 0, after 6 min", "│ running")] == [
        1,
        1,
        1,
        1,
    ]
    assert "schedules   cleanup: cron(0 3 * * ? *) Europe/Berlin, enabled\n" in printed
