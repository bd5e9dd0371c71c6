"""Each service keeps a working login, whichever step of the move to own logins or of a rotation fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ecs import types
from simulator import aws, logins
from simulator.aws import ecs_definition, start
from simulator.aws.ecs_rollout import RUNNING
from simulator.cloud import Cloud, Request
from simulator.provider import Provider
from simulator.store import Object, Store
from tests.engine.conftest import Checkout
from tests.failures.updates import Failure, failing, killed_at
from tests.images import images

SERVICES = ["authsvc", "promptsvc"]


def change(checkout: Checkout, mode: str, revision: int = 1) -> None:
    settings = {
        "images": images([*SERVICES, "logins"]),
        "database": {"logins": mode, "password-revision": revision},
    }
    checkout.edit("dev", lambda stack: stack.update(settings))


def locked_out(store: Store) -> Iterator[str]:
    """Why a running task cannot open a connection, or a task that the autoscaler starts would stop."""
    for service in store.find(types.SERVICE):
        for definition in store.find(types.TASK_DEFINITION, arn=service.properties[RUNNING]):
            name = service.properties["name"]
            if logins.is_refused(store, definition.properties):
                yield f"{name} cannot log in"
            yield from (f"{name}: {each}" for each in _stopped(store, service, definition))


def _stopped(store: Store, service: Object, definition: Object) -> list[str]:
    request = Request(
        token=types.SERVICE,
        urn=service.urn,
        inputs={**service.properties, "taskDefinition": definition.properties["arn"]},
        cloud=Cloud(store=store, root=Path(), types=aws.TYPES),
        account=service.account,
        region=service.region,
        id=service.id,
    )
    return list(start.stopped_reasons(request, definition.properties))


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Looks for tasks that are locked out after each request of each update. There must never be one."""
    problems: list[str] = []

    def watched(method: str) -> Callable[..., Any]:
        call = getattr(Provider, method)

        def watch(self: Any, request: Any, context: Any) -> Any:
            try:
                return call(self, request, context)
            finally:
                if not getattr(request, "preview", False):
                    after = f"{method} {request.urn.rpartition('::')[2]}"
                    # The lock first: a cached property of a task has one too, until Python 3.12.
                    with self._cloud.store.transaction():
                        problems.extend(f"{after}: {each}" for each in locked_out(self._cloud.store))

        return watch

    for method in ("Create", "Update", "Delete"):
        monkeypatch.setattr(Provider, method, watched(method))
    yield problems
    assert problems == []


@pytest.fixture
def moved(pinned: Checkout) -> Checkout:
    """A deployed stack whose services have own logins, and that was moved there."""
    for mode in ("moving", "own"):
        change(pinned, mode)
        pinned.run("up")
    return pinned


def letters(checkout: Checkout) -> dict[str, str]:
    """The logins of the running tasks, by service."""
    with checkout.home.store() as store:
        return {
            service.properties["name"]: login["user"]
            for service in store.find(types.SERVICE)
            for definition in store.find(types.TASK_DEFINITION, arn=service.properties[RUNNING])
            for login in logins.used(store, ecs_definition.containers(definition.properties))
        }


def are(letter: str) -> dict[str, str]:
    return {name: f"{name}_{letter}" for name in SERVICES}


JOB: dict[str, Failure] = {
    "the job's revision is rejected": failing("create-fails", "logins-task-definition"),
    "the job fails": failing("task-fails", "logins-applied"),
    "the job does not end": failing("task-hangs", "logins-applied"),
}
ROLLOUT: dict[str, Failure] = {
    "a service's revision is rejected": failing("create-fails", "promptsvc-task-definition"),
    "a service is rolled back": failing("rollback", "promptsvc"),
    "a rollout is in progress": failing("in-progress", "promptsvc"),
}
MOVING: dict[str, Failure] = {
    "a secret is rejected": failing("create-fails", "database-url-promptsvc-a"),
    "a version of a secret is rejected": failing("create-fails", "database-url-promptsvc-a-version"),
    "the job's role is rejected": failing("create-fails", "logins-task-execution-policy"),
    **JOB,
    "the parameter is rejected after the job": failing("create-fails", "logins-applied"),
    "the parameter is written, but not read": failing("create-unfinished", "logins-applied"),
    "killed before the parameter": killed_at("Create logins-applied", "before"),
    "killed after the parameter": killed_at("Create logins-applied", "after"),
    "a service's policy is rejected": failing("update-fails", "promptsvc-task-execution-policy"),
    **ROLLOUT,
}
OWN: dict[str, Failure] = {
    "RDS rejects the change": failing("update-fails", "database-instance"),
    "RDS changes the password, but the update ends before it is available": failing(
        "update-unfinished", "database-instance"
    ),
    "killed before RDS changes the password": killed_at("Update database-instance", "before"),
    "killed after RDS changed the password": killed_at("Update database-instance", "after"),
    **JOB,
    "the parameter is rejected after the job": failing("update-fails", "logins-applied"),
    "a service's policy is rejected": failing("update-fails", "promptsvc-task-execution-policy"),
    "the former secret is not deleted": failing("delete-fails", "database-url"),
}
ROTATION: dict[str, Failure] = {
    "a version of a secret is rejected": failing("create-fails", "database-url-promptsvc-b-version"),
    "a version of a secret is written, but not read": failing("create-unfinished", "database-url-promptsvc-b-version"),
    "the job's policy is rejected": failing("update-fails", "logins-task-execution-policy"),
    **JOB,
    "the parameter is rejected after the job": failing("update-fails", "logins-applied"),
    "the parameter is written, but not read": failing("update-unfinished", "logins-applied"),
    "killed before the parameter": killed_at("Update logins-applied", "before"),
    "killed after the parameter": killed_at("Update logins-applied", "after"),
    **ROLLOUT,
}


def test_the_move_and_its_revert_lock_no_task_out_and_change_nothing_afterwards(pinned: Checkout) -> None:
    for mode, expected in (("moving", are("a")), ("own", are("a")), ("moving", are("a")), ("own", are("a"))):
        change(pinned, mode)
        pinned.run("up")
        assert letters(pinned) == expected
        assert pinned.changed() == set()


def test_a_rotation_and_its_revert_lock_no_task_out(moved: Checkout) -> None:
    for revision, letter in ((2, "b"), (3, "a"), (2, "b"), (3, "a"), (4, "b")):
        change(moved, "own", revision)
        moved.run("up")
        assert letters(moved) == are(letter)
    assert moved.changed() == set()


@pytest.mark.parametrize("failure", MOVING.values(), ids=MOVING)
def test_the_next_update_completes_a_move_that_failed(pinned: Checkout, failure: Failure) -> None:
    change(pinned, "moving")
    failure(pinned)
    complete(pinned)
    assert letters(pinned) == are("a")


@pytest.mark.parametrize("failure", OWN.values(), ids=OWN)
def test_the_next_update_completes_the_end_of_a_move_that_failed(pinned: Checkout, failure: Failure) -> None:
    change(pinned, "moving")
    pinned.run("up")
    change(pinned, "own")
    failure(pinned)
    complete(pinned)
    assert letters(pinned) == are("a")


@pytest.mark.parametrize("failure", ROTATION.values(), ids=ROTATION)
def test_the_next_update_completes_a_rotation_that_failed(moved: Checkout, failure: Failure) -> None:
    change(moved, "own", 2)
    failure(moved)
    complete(moved)
    assert letters(moved) == are("b")


@pytest.mark.parametrize("failure", [*JOB.values(), *ROLLOUT.values()], ids=[*JOB, *ROLLOUT])
def test_a_revert_of_a_rotation_that_failed_gives_the_services_their_former_logins(
    moved: Checkout, failure: Failure
) -> None:
    change(moved, "own", 2)
    failure(moved)
    change(moved, "own", 1)
    complete(moved)
    assert letters(moved) == are("a")


def test_a_second_rotation_is_refused_until_the_rollouts_of_the_first_one_have_succeeded(moved: Checkout) -> None:
    change(moved, "own", 2)
    failing("rollback", "promptsvc")(moved)
    assert letters(moved) == {"authsvc": "authsvc_b", "promptsvc": "promptsvc_a"}
    change(moved, "own", 3)
    for _ in range(2):
        assert moved.simulator.run("up", "dev").messages == (
            "logins-applied: promptsvc runs mrgnl-promptsvc:2 with the former password of promptsvc_a, which cannot"
            " change now. Set database.password-revision to 2 in the stack file and run"
            " `make up STACK=dev REFRESH=1`. When that has succeeded, increment it.",
        )
    for revision, letter in ((2, "b"), (3, "a")):
        change(moved, "own", revision)
        complete(moved)
        assert letters(moved) == are(letter)


def test_a_deployed_stack_cannot_skip_the_move(pinned: Checkout) -> None:
    change(pinned, "own")
    for operation in ("preview", "up", "up"):
        [message] = pinned.simulator.run(operation, "dev").messages
        assert message == (
            "database-instance: authsvc runs mrgnl-authsvc:1, which is the master user of the database, and RDS would"
            " give that another password. Set database.logins to moving in the stack file and run `make up STACK=dev`."
            " When that has succeeded, set it to own."
        )
    for mode in ("moving", "own"):
        change(pinned, mode)
        complete(pinned)
    assert letters(pinned) == are("a")


def test_a_new_stack_has_own_logins_at_once(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack.update(build=None))
    change(checkout, "own")
    checkout.run("up")
    assert letters(checkout) == are("a")
    assert checkout.changed() == set()


def test_no_service_starts_before_its_login_exists(pinned: Checkout) -> None:
    """Else a task of a revision whose login the job did not create would only write errors to its log."""
    change(pinned, "moving")
    failing("task-fails", "logins-applied")(pinned)
    with pinned.home.store() as store:
        assert [each.properties["username"] for each in store.find(types.DB_INSTANCE)] == ["marginalia"]
        assert [each.properties[logins.LOGINS] for each in store.find(types.DB_INSTANCE)] == [{}]
    assert letters(pinned) == dict.fromkeys(SERVICES, "marginalia")


def complete(checkout: Checkout) -> None:
    """The command of the messages: `make up REFRESH=1`."""
    checkout.run("refresh")
    checkout.run("up")
    assert set(checkout.states().values()) == {"steady"}
    assert checkout.changed() == set()
