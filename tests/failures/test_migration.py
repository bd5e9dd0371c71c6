"""ECS gets an image only after its migration, which runs once for each image and database."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import Any

import pytest

from config.catalogue import Entry
from ecs import types
from simulator.aws import ecs_definition, ecs_runs
from simulator.aws.ecs_rollout import RUNNING
from simulator.boto.ecs import Ecs
from tests.engine import killed
from tests.engine.conftest import Checkout
from tests.engine.killed import Moment, Requests
from tests.failures.runbook import Operator
from tests.images import image


@pytest.fixture
def person(pinned: Checkout) -> Operator:
    """Operates a stack whose promptsvc has a migration, which ran for one image."""
    migrate(pinned)
    found = Operator(pinned)
    assert found.run("up")
    assert runs(found) == ["exit 0"]
    found.printed.clear()
    return found


def migrate(checkout: Checkout) -> None:
    """Gives promptsvc a migration."""

    def change(entries: dict[str, Entry]) -> None:
        entries["promptsvc"] = replace(entries["promptsvc"], migrate=True)

    checkout.edit_services(change)


def runs(person: Operator) -> list[str]:
    """How each migration ended, in the order of their starts."""
    with person.checkout.home.store() as store:
        return [f"exit {each.properties['exitCode']}" for each in store.find(ecs_runs.TASK)]


def running(person: Operator, service: str = "promptsvc") -> str:
    """The image of the service's running tasks."""
    with person.checkout.home.store() as store:
        [found] = store.find(types.SERVICE, name=service)
        [definition] = store.find(types.TASK_DEFINITION, arn=found.properties[RUNNING])
        return next(each["image"] for each in ecs_definition.containers(definition.properties))


def test_a_migration_that_fails_leaves_the_service_and_the_next_image_runs_its_own(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("task-fails:promptsvc")
    assert running(person) == image("promptsvc")
    assert person.sees(
        "promptsvc: the migration failed, so ECS keeps the revision that it runs: exit code 1 (Essential container in"
        " task exited). The end of its log, migrate/promptsvc/… in /ecs/mrgnl-promptsvc:"
        ' {"level": "INFO", "msg": "started"} {"level": "ERROR", "msg": "the simulated fault task-fails"}'
        " Fix the cause or revert the image, then run `make up STACK=dev REFRESH=1`."
    )
    person.pin("promptsvc", digit="c")
    assert person.run("up")
    assert (running(person), runs(person)) == (image("promptsvc", "c"), ["exit 0", "exit 1", "exit 0"])
    assert person.problems() == []


def test_a_migration_that_failed_is_run_again_by_the_next_update_of_the_same_image(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("task-fails:promptsvc")
    assert person.run("up")
    assert (running(person), runs(person)) == (image("promptsvc", "b"), ["exit 0", "exit 1", "exit 0"])


def test_a_retry_of_the_rollout_does_not_run_a_migration_again_that_succeeded(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("rollback:promptsvc")
    assert person.run("up", refresh=True)
    assert (running(person), runs(person)) == (image("promptsvc", "b"), ["exit 0", "exit 0"])


def test_a_rollback_to_an_earlier_image_runs_no_migration(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    assert person.run("up")
    person.pin("promptsvc", digit="a")
    assert person.run("up")
    assert (running(person), runs(person)) == (image("promptsvc"), ["exit 0", "exit 0"])


def test_a_preview_shows_the_migration_and_runs_none(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    steps = person.checkout.simulator.run("preview", "dev").steps
    [shown] = [each for each in steps if each.name == "promptsvc-migrated"]
    before, after = shown.differences["insecureValue"]
    assert (before[:9], after[:9]) == ("sha256:aa", "sha256:bb")
    assert runs(person) == ["exit 0"]


def test_a_migration_that_hangs_is_stopped_and_fails_the_update(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("task-hangs:promptsvc")
    assert person.sees("the migration failed, so ECS …: it took longer than 15 minutes and was stopped. The end")
    assert (running(person), runs(person)) == (image("promptsvc"), ["exit 0", "exit 137"])
    assert person.run("up")
    assert running(person) == image("promptsvc", "b")


def test_an_update_that_changes_no_image_runs_no_migration(person: Operator) -> None:
    person.edit(sizes={"promptsvc": {"memory": 2048}})
    assert person.run("up")
    assert person.run("up", refresh=True)
    assert runs(person) == ["exit 0"]


def test_another_database_needs_the_migration_of_the_same_image(person: Operator) -> None:
    person.delete("database-instance")
    assert person.run("up", refresh=True)
    assert runs(person) == ["exit 0", "exit 0"]


@pytest.mark.parametrize(
    ("request_", "moment"),
    [
        ("Update promptsvc-migrated", "before"),
        ("Update promptsvc-migrated", "after"),
        ("Update promptsvc-service", "before"),
        ("Update promptsvc-service", "after"),
    ],
)
def test_an_update_that_is_killed_between_migration_and_rollout_is_completed_by_the_next(
    person: Operator, request_: str, moment: Moment
) -> None:
    person.pin("promptsvc", digit="b")
    killed.up(person.checkout, Requests(request_, moment))
    killed.settle(person.checkout)
    assert running(person) == image("promptsvc", "b")
    assert person.problems() == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_first_migration_of_a_killed_update_is_completed_by_the_next(pinned: Checkout, moment: Moment) -> None:
    migrate(pinned)
    person = Operator(pinned)
    killed.up(pinned, Requests("Create promptsvc-migrated", moment))
    killed.settle(pinned)
    assert person.problems() == []


def test_a_service_with_a_migration_needs_no_task_of_it_to_be_deleted(person: Operator) -> None:
    person.unpin("promptsvc")
    assert person.run("up")
    assert person.problems() == []


def test_an_interrupt_lets_the_migration_end_and_the_next_update_runs_none(
    person: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = Ecs.describe_tasks

    def interrupted(ecs: Ecs, **request: Any) -> Any:
        monkeypatch.undo()
        os.kill(os.getpid(), signal.SIGINT)
        return describe(ecs, **request)

    monkeypatch.setattr(Ecs, "describe_tasks", interrupted)
    person.pin("promptsvc", digit="b")
    person.fails()
    assert person.sees("update canceled")
    assert running(person) == image("promptsvc")
    assert person.run("up", refresh=True)
    assert (running(person), runs(person)) == (image("promptsvc", "b"), ["exit 0", "exit 0"])
