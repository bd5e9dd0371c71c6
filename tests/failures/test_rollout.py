"""Promise 5: an update never succeeds while ECS runs another revision than the one that the update deployed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from simulator import secrets
from simulator.aws import ecs_rollout
from simulator.engine import Result
from simulator.faults import Fault, Faults
from tests.engine.conftest import Checkout
from tests.images import image, images

LOOK = "`python -m ops why dev promptsvc --simulator` shows why."
FIX = "If the revision is at fault, fix or revert it first."
AGAIN = f"{LOOK} `make up STACK=dev REFRESH=1` deploys mrgnl-promptsvc:2 again. {FIX}"
ROLLED_BACK = f"promptsvc: ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2; the deployment was rolled back. {AGAIN}"
NOT_DEPLOYED = f"promptsvc: ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2; this update did not deploy it. {AGAIN}"
FAILED = (
    f"promptsvc: the deployment failed. {LOOK} `make up STACK=dev REFRESH=1` deploys the revision again; if no"
    f" revision of the service ever ran, or only redeploy.promptsvc was changed, increment redeploy.promptsvc in the"
    f" stack file first. {FIX}"
)
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:signing-key-AbCdEf"


def up(checkout: Checkout, fault: str = "", **options: Any) -> Result:
    faults = (Fault(fault, "promptsvc"),) if fault else ()
    return replace(checkout.simulator, faults=Faults(faults), up_options=options).run("up", "dev")


def change_image(checkout: Checkout, service: str, digit: str) -> None:
    checkout.edit("dev", lambda stack: stack["images"].update({service: image(service, digit)}))


def running(checkout: Checkout) -> set[str]:
    """The revisions of the running tasks."""
    with checkout.home.store() as store:
        return {each.properties[ecs_rollout.RUNNING].rpartition("/")[2] for each in store.find(types.SERVICE)}


def roll_back_by_hand(checkout: Checkout) -> None:
    """As `aws ecs update-service --task-definition` with the first revision."""
    with checkout.home.store() as store:
        [service] = store.find(types.SERVICE, name="promptsvc")
        first = service.properties["taskDefinition"].rpartition(":")[0] + ":1"
        store.put(
            replace(service, properties={**service.properties, "taskDefinition": first, ecs_rollout.RUNNING: first})
        )


@pytest.mark.parametrize(
    ("fault", "errors", "warnings"), [("rollback", "waiting for ECS", [FAILED]), ("silent-rollback", ROLLED_BACK, [])]
)
def test_a_rollback_fails_the_update_which_names_the_commands_and_a_fixed_image_ends_it(
    pinned: Checkout, fault: str, errors: str, warnings: list[str]
) -> None:
    change_image(pinned, "promptsvc", "b")
    failed = up(pinned, fault)
    assert not failed.succeeded
    assert errors in " ".join(failed.messages)
    assert list(failed.warnings) == warnings
    assert pinned.states() == {"authsvc": "steady", "promptsvc": "rolled back"}

    change_image(pinned, "promptsvc", "c")
    pinned.run("up")
    assert pinned.changed() == set()
    assert pinned.states() == {"authsvc": "steady", "promptsvc": "steady"}


def test_the_update_after_a_rollback_fails_too_but_deploys_the_other_services(pinned: Checkout) -> None:
    change_image(pinned, "promptsvc", "b")
    assert not up(pinned, "rollback").succeeded
    change_image(pinned, "authsvc", "b")
    again = up(pinned)
    assert not again.succeeded
    assert list(again.messages) == [ROLLED_BACK]
    assert ("update", "authsvc-service") in {(step.operation, step.name) for step in again.steps}
    assert pinned.states() == {"authsvc": "steady", "promptsvc": "rolled back"}


def test_a_revision_that_was_rolled_back_runs_after_an_update_with_refresh(pinned: Checkout) -> None:
    change_image(pinned, "promptsvc", "b")
    assert not up(pinned, "rollback").succeeded
    again = up(pinned, refresh=True)
    assert (again.succeeded, again.warnings) == (True, ())
    assert running(pinned) == {"mrgnl-authsvc:1", "mrgnl-promptsvc:2"}


def test_a_service_that_was_rolled_back_by_hand_is_a_warning_until_an_update_with_refresh(pinned: Checkout) -> None:
    change_image(pinned, "promptsvc", "b")
    pinned.run("up")
    roll_back_by_hand(pinned)
    change_image(pinned, "authsvc", "b")
    deployed = up(pinned)
    assert deployed.succeeded, deployed.errors
    assert list(deployed.warnings) == [NOT_DEPLOYED]
    assert running(pinned) == {"mrgnl-authsvc:2", "mrgnl-promptsvc:1"}

    refreshed = up(pinned, refresh=True)
    assert (refreshed.succeeded, refreshed.warnings) == (True, ())
    assert running(pinned) == {"mrgnl-authsvc:2", "mrgnl-promptsvc:2"}


def test_a_first_rollout_that_failed_is_deployed_again_with_redeploy_once_its_cause_is_gone(checkout: Checkout) -> None:
    checkout.edit_services(
        lambda entries: entries.update(promptsvc=replace(entries["promptsvc"], secrets=("SIGNING_KEY",)))
    )
    own = {"promptsvc": {"SIGNING_KEY": SECRET}}
    checkout.edit("dev", lambda stack: stack.update(images=images(["promptsvc"]), build=None, secrets=own))
    failed = up(checkout)
    assert not failed.succeeded
    assert list(failed.warnings) == [FAILED]
    assert checkout.states() == {"promptsvc": "does not start"}

    with checkout.home.store() as store:
        secrets.take_as_created(store, [SECRET])
    checkout.edit("dev", lambda stack: stack.update(redeploy={"promptsvc": 1}))
    redeployed = up(checkout, refresh=True)
    assert (redeployed.succeeded, redeployed.warnings) == (True, ())
    assert "promptsvc-service" in {step.name for step in redeployed.steps if step.operation == "update"}
    assert checkout.states() == {"promptsvc": "steady"}


def test_the_lines_of_the_runbook_deploy_one_service_of_a_building_stack_while_another_one_is_broken(
    dev: Checkout,
) -> None:
    for name in ("authsvc", "promptsvc"):
        main = dev.sources / f"mrgnl-{name}" / "cmd" / "server" / "main.go"
        main.write_text(main.read_text() + "\n// an edit\n")
    assert not up(dev, "rollback", target=["**::promptsvc", "**::promptsvc-*"]).succeeded
    deployed = up(dev, refresh=True, target=["**::authsvc", "**::authsvc-*"])
    assert deployed.succeeded, deployed.errors
    assert {(step.operation, step.name) for step in deployed.steps if step.operation in ("update", "replace")} == {
        ("update", "authsvc-image-build"),
        ("replace", "authsvc-task-definition"),
        ("update", "authsvc-service"),
    }
    assert list(deployed.warnings) == [NOT_DEPLOYED]
    assert dev.states()["promptsvc"] == "rolled back"


@pytest.mark.parametrize(("goes_on", "deployed"), [(False, 1), (True, 2)])
def test_an_update_that_goes_on_after_an_error_deploys_what_has_not_begun(
    pinned: Checkout, goes_on: bool, deployed: int
) -> None:
    """One operation at a time. Both services fail, as the engine chooses which is first."""
    names = ("authsvc", "promptsvc")
    for name in names:
        change_image(pinned, name, "b")
    faults = Faults(tuple(Fault("rollback", name) for name in names))
    options = {"parallel": 1, "continue_on_error": goes_on}
    failed = replace(pinned.simulator, faults=faults, up_options=options).run("up", "dev")
    assert not failed.succeeded
    began = {step.name for step in failed.steps if step.operation == "update"}
    assert len(began & {f"{name}-service" for name in names}) == deployed
