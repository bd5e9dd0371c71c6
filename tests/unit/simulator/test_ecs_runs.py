"""RunTask and the tasks that it starts, as the program and ops see them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ecs import clients, run_task, types
from ecs.run_task import Outcome, Run
from simulator import boto
from simulator.aws import ecs_runs
from simulator.clients import replaced
from simulator.faults import Fault, Faults
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World

STARTED = '{"level": "INFO", "msg": "started"}'
COMPLETED = '{"level": "INFO", "msg": "completed"}'


def no_ancestors(_: str) -> frozenset[str]:
    return frozenset()


class Client:
    """The program's clients, and one task that it may run."""

    def __init__(self, promptsvc: Promptsvc, *faults: str, container: dict[str, Any] | None = None) -> None:
        self.world = promptsvc.world.replace(faults=Faults(tuple(Fault(each, "promptsvc") for each in faults)))
        definition = self.world.create(types.TASK_DEFINITION, "task", **promptsvc.task(container))
        self.run = Run(
            cluster=promptsvc.cluster,
            task_definition=definition.properties["arn"],
            subnets=promptsvc.subnets,
            security_groups=[promptsvc.group],
            assign_public_ip=False,
            container="promptsvc",
            log_group="/ecs/mrgnl-promptsvc",
            stream_prefix="task",
            started_by="promptsvc-migrated",
        )

    def client(self, service: str) -> Any:
        where: Any = {"store": self.world.store, "account": self.world.account, "region": self.world.region}
        cloud: Any = {"cloud": self.world.cloud} if service == "ecs" else {}
        return boto.client(service, **where, **cloud)

    def wait(self, arn: str, timeout: float = 900) -> Outcome:
        return run_task.wait(
            self.client("ecs"), self.client("logs"), self.run, arn, timeout=timeout, pause=lambda _: None
        )

    def outcome(self) -> Outcome:
        return self.wait(run_task.start(self.client("ecs"), self.run))


def test_a_task_that_would_start_ends_with_exit_code_0_and_leaves_its_log(promptsvc: Promptsvc) -> None:
    outcome = Client(promptsvc).outcome()
    assert (outcome.exit_code, outcome.reason, outcome.lines) == (
        0,
        "Essential container in task exited",
        (STARTED, COMPLETED),
    )


def test_a_task_that_would_not_start_has_no_exit_code_and_no_log(promptsvc: Promptsvc) -> None:
    promptsvc.deny("secretsmanager:GetSecretValue")
    outcome = Client(promptsvc).outcome()
    assert outcome.never_started
    assert outcome.reason.startswith("ResourceInitializationError: ")
    assert outcome.lines == ()


def test_a_task_may_not_rely_on_what_the_engine_may_create_after_it(promptsvc: Promptsvc) -> None:
    client = Client(promptsvc)
    promptsvc.remove(types.ROLE_POLICY)
    client.world = client.world.replace(run="this update", ancestors=no_ancestors)
    promptsvc.world = client.world
    promptsvc.allow(("ecr:GetAuthorizationToken", ["*"]))
    assert client.outcome().never_started


def test_the_fault_task_fails_of_a_service_fails_its_migration(promptsvc: Promptsvc) -> None:
    outcome = Client(promptsvc, "task-fails").outcome()
    line = '{"level": "ERROR", "msg": "the simulated fault task-fails"}'
    assert (outcome.exit_code, outcome.lines) == (1, (STARTED, line))


def test_a_task_that_hangs_is_found_until_it_is_stopped(promptsvc: Promptsvc) -> None:
    client = Client(promptsvc, "task-hangs")
    arn = run_task.start(client.client("ecs"), client.run)
    assert run_task.running(client.client("ecs"), client.run) == arn
    outcome = client.wait(arn, timeout=20)
    assert (outcome.timed_out, outcome.reason) == (True, "it took longer than 20 seconds")
    assert run_task.running(client.client("ecs"), client.run) == ""


def test_time_between_two_operations_ends_a_task_of_the_stack_unless_it_hangs(promptsvc: Promptsvc) -> None:
    client = Client(promptsvc, "task-hangs")
    run_task.start(client.client("ecs"), client.run)
    [task] = client.world.store.find(ecs_runs.TASK)
    ecs_runs.finish(client.world.store, client.world.faults, task.stack)
    assert run_task.running(client.client("ecs"), client.run) == task.id
    ecs_runs.finish(client.world.store, Faults(), "another")
    assert run_task.running(client.client("ecs"), client.run) == task.id
    ecs_runs.finish(client.world.store, Faults(), task.stack)
    assert client.wait(task.id).succeeded


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"cluster": "arn:aws:ecs:us-east-1:123456789012:cluster/other"}, "ClusterNotFoundException"),
        ({"task_definition": "arn:aws:ecs:us-east-1:123456789012:task-definition/other:1"}, "ClientException"),
        ({"subnets": ["subnet-other"]}, "InvalidParameterException"),
    ],
)
def test_run_task_refuses_what_does_not_exist(promptsvc: Promptsvc, changes: dict[str, Any], code: str) -> None:
    client = Client(promptsvc)
    run = Run(**{**vars(client.run), **changes})
    with pytest.raises(ClientError, match=code):
        run_task.start(client.client("ecs"), run)


def test_the_program_has_the_clients_of_the_simulated_cloud_only_while_it_runs(world: World) -> None:
    before = clients.client, clients.pause
    with replaced(world.cloud, world.account):
        ecs = clients.client("ecs", world.region)
        assert (ecs.cloud, ecs.store, ecs.account) == (world.cloud, world.store, world.account)
        clients.pause(1e9)
    assert (clients.client, clients.pause) == before


def test_a_program_from_before_these_clients_runs_without_them(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulator.clients.MODULE", "ecs.none")
    with replaced(world.cloud, world.account):
        assert Path(clients.__file__).name == "clients.py"
