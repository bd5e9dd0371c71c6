"""No service is ever deployed with a password that RDS may not have, wherever the rotation of it fails."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import types
from simulator import report
from simulator.engine import Operation, Simulator
from simulator.graph import Graph
from tests.engine.conftest import Checkout, small
from tests.failures.updates import Failure, failing, killed_at

REFUSED = (
    "database-confirmed-password: RDS may still have a former password: an earlier change of it did not complete."
    " Increment database.password-revision to {} in the stack file, then run `make up STACK=dev REFRESH=1`."
)
SERVICES = ["authsvc", "promptsvc"]


def rotate(checkout: Checkout, revision: int) -> None:
    checkout.edit("dev", lambda stack: stack.update(database={"password-revision": revision}))


@pytest.fixture
def deployed(pinned: Checkout) -> Checkout:
    """A deployed stack whose file asks for the second password."""
    rotate(pinned, 2)
    return pinned


def refused(checkout: Checkout, stack: str = "dev") -> list[str]:
    """The services whose tasks have a password that RDS refuses."""
    return [service for service, state in checkout.states(stack).items() if state == report.CANNOT_LOG_IN]


def ending_before(type: str) -> Failure:
    """The update ends before it registers a resource of this type."""

    def update(checkout: Checkout) -> None:
        add = Graph.add

        def ended(graph: Graph, request: object) -> None:
            if getattr(request, "type", "") == type:
                raise RuntimeError("ended")
            add(graph, request)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Graph, "add", ended)
            assert not checkout.simulator.run("up", "dev").succeeded

    return update


UNKNOWN: dict[str, tuple[Failure, list[str]]] = {
    "RDS rejects the change": (failing("update-fails", "database-instance"), []),
    "the credentials have expired": (failing("expired", "database-instance"), []),
    "RDS changes the password, but the update ends before it is available": (
        failing("update-unfinished", "database-instance"),
        SERVICES,
    ),
    "RDS changes the password, then the update ends": (ending_before(types.STASH), SERVICES),
}
"""By failure after which RDS may have either password: the services that cannot log in from then on."""

KNOWN: dict[str, Failure] = {
    "ends before RDS": ending_before(types.DB_INSTANCE),
    "killed before RDS changes the password": killed_at("Update database-instance", "before"),
    "killed after RDS changed the password": killed_at("Update database-instance", "after"),
    "ends before the secret's version": ending_before(types.SECRET_VERSION),
    "the secret's version is rejected": failing("create-fails", "database-url-version"),
    "the secret's version is written, but not read": failing("create-unfinished", "database-url-version"),
    "a task definition is rejected": failing("create-fails", "promptsvc-task-definition"),
    "ends before the services": ending_before(types.SERVICE),
}
"""Failures after which the next update completes the rotation."""


def refusals(checkout: Checkout, operation: Operation) -> tuple[str, ...]:
    """The messages of an operation that deploys no service again."""
    result = checkout.simulator.run(operation, "dev")
    assert not [each.name for each in result.steps if "-task-definition" in each.name or "-service" in each.name]
    return result.messages


@pytest.mark.parametrize(("failure", "locked_out"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_update_is_refused_while_rds_may_have_a_former_password_until_the_revision_is_incremented(
    deployed: Checkout, failure: Failure, locked_out: list[str]
) -> None:
    failure(deployed)
    assert refused(deployed) == locked_out
    operations: tuple[Operation, ...] = ("preview", "up")
    for operation in operations:
        assert refusals(deployed, operation) == (REFUSED.format(3),)
    deployed.run("refresh")
    assert refusals(deployed, "up") == (REFUSED.format(3),)
    assert refused(deployed) == locked_out

    rotate(deployed, 3)
    deployed.run("up")
    assert refused(deployed) == []
    assert deployed.changed() == set()


@pytest.mark.parametrize("failure", KNOWN.values(), ids=KNOWN)
def test_the_next_update_completes_the_rotation_if_rds_had_not_begun_or_was_confirmed(
    deployed: Checkout, failure: Failure
) -> None:
    failure(deployed)
    deployed.run("up")
    assert refused(deployed) == []
    assert deployed.changed() == set()


def test_a_rotation_that_succeeds_is_no_change_afterwards_and_its_revert_is_another_rotation(
    deployed: Checkout,
) -> None:
    for revision in (2, 1):
        rotate(deployed, revision)
        deployed.run("up")
        assert refused(deployed) == []
        assert deployed.changed() == set()


def test_a_revert_or_a_second_rotation_that_fails_too_is_refused(deployed: Checkout) -> None:
    """The revert names the revision of the password that RDS has, but is another password."""
    for revision in (2, 1, 3):
        rotate(deployed, revision)
        failing("update-fails", "database-instance")(deployed)
        assert refusals(deployed, "up") == (REFUSED.format(revision + 1),)
        assert refused(deployed) == []
    rotate(deployed, 1)
    deployed.run("up")
    assert refused(deployed) == []


@pytest.mark.parametrize(
    "failure",
    [failing("create-unfinished", "database-instance"), ending_before(types.STASH)],
    ids=["RDS is created, but not yet available", "RDS is created, then the update ends"],
)
def test_the_next_update_completes_a_first_one(checkout: Checkout, failure: Failure) -> None:
    small(checkout)
    failure(checkout)
    checkout.run("up")
    assert refused(checkout) == []
    assert checkout.changed() == set()


def test_a_rotation_that_fails_before_the_first_password_was_confirmed_is_refused(checkout: Checkout) -> None:
    small(checkout)
    failing("create-unfinished", "database-instance")(checkout)
    rotate(checkout, 2)
    failing("update-fails", "database-instance")(checkout)
    for _ in range(2):  # the first one sends the instance's update, which changes nothing
        assert refusals(checkout, "up") == (REFUSED.format(3),)
    rotate(checkout, 3)
    checkout.run("up")
    assert refused(checkout) == []


@pytest.mark.parametrize("revision", [1, 2])
def test_an_instance_that_is_created_again_has_the_password(deployed: Checkout, revision: int) -> None:
    rotate(deployed, revision)
    with deployed.home.store() as store:
        [instance] = store.find(types.DB_INSTANCE)
    deployed.forget(types.DB_INSTANCE, instance.id)
    deployed.run("refresh")
    deployed.run("preview")
    deployed.run("up")
    assert refused(deployed) == []


def test_an_update_of_the_services_alone_is_not_refused_and_keeps_their_password(deployed: Checkout) -> None:
    failing("update-fails", "database-instance")(deployed)
    deployed.edit("dev", lambda stack: stack.update(sizes={"promptsvc": {"cpu": 1024, "memory": 2048}}))
    up_only(deployed.simulator, "**promptsvc-task-definition", "**promptsvc-service", "**database-url-version")
    with deployed.home.store() as store:
        assert [each.properties["cpu"] for each in store.find(types.TASK_DEFINITION, family="mrgnl-promptsvc")][-1] == (
            "1024"
        )
    assert refused(deployed) == []


def up_only(simulator: Simulator, *targets: str) -> None:
    with simulator.program.loaded("dev") as program, simulator.session("dev", program) as session:
        session.up(target=list(targets))


def test_a_stack_from_before_the_check_gets_it_without_another_change(deployed: Checkout) -> None:
    rotate(deployed, 1)
    [state] = (deployed.home.path / "state").rglob("stacks/**/dev.json")
    content = json.loads(state.read_text())
    latest = content["checkpoint"]["latest"]
    latest["resources"] = [_without_stash(each) for each in latest["resources"] if each["type"] != types.STASH]
    state.write_text(json.dumps(content))
    assert deployed.changed("preview") == deployed.changed() == {("create", "database-confirmed-password")}


def _without_stash(resource: dict[str, Any]) -> dict[str, Any]:
    def kept(urns: list[str] | None) -> list[str]:
        return [each for each in urns or [] if types.STASH not in each]

    by_property = {key: kept(urns) for key, urns in resource.get("propertyDependencies", {}).items()}
    return {**resource, "dependencies": kept(resource.get("dependencies")), "propertyDependencies": by_property}


def test_the_tasks_of_a_rollout_that_was_rolled_back_cannot_log_in(deployed: Checkout) -> None:
    """The former revision reads the former password. Two alternating users would prevent it: ADR 13."""
    failing("rollback", "promptsvc")(deployed)
    assert "promptsvc" in refused(deployed)
    rotate(deployed, 3)
    deployed.run("up")
    assert refused(deployed) == []
