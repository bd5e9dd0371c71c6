"""The verbs of ops that change what runs, on the real engine: what the next update then does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ecs import types
from ops.cli import main
from simulator.aws.ecs_rollout import RUNNING
from tests.engine.conftest import Checkout


def operate(checkout: Checkout, *words: str) -> int:
    return main([*words, "--yes", "--simulator", "--home", str(checkout.home.path)], root=checkout.root)


def service(checkout: Checkout, name: str = "promptsvc") -> dict[str, object]:
    with checkout.home.store() as store:
        [found] = store.find(types.SERVICE, name=name)
    revision = str(found.properties[RUNNING]).rsplit("/")[-1]
    return {"runs": revision, "tasks": found.properties["desiredCount"]}


@pytest.fixture
def changed(dev: Checkout) -> Checkout:
    """Dev after a second revision of promptsvc."""
    dev.edit("dev", lambda settings: settings.setdefault("sizes", {}).update(promptsvc={"memory": 2048}))
    dev.run("up")
    assert service(dev) == {"runs": "mrgnl-promptsvc:2", "tasks": 1}
    return dev


def test_after_a_rollback_by_ecs_an_update_warns_and_one_with_a_refresh_deploys_the_file_again(
    changed: Checkout,
) -> None:
    assert operate(changed, "rollback", "dev", "promptsvc", "--now") == 0
    assert service(changed)["runs"] == "mrgnl-promptsvc:1"
    result = changed.run("up")
    assert [each for each in result.warnings if "ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2" in each] != []
    assert service(changed)["runs"] == "mrgnl-promptsvc:1"
    assert replace(changed.simulator, refresh=True).run("up", "dev").succeeded
    assert service(changed)["runs"] == "mrgnl-promptsvc:2"


def test_a_restart_and_the_number_of_a_service_that_scales_are_kept_by_the_next_update(changed: Checkout) -> None:
    assert operate(changed, "restart", "dev", "promptsvc") == 0
    assert operate(changed, "scale", "dev", "promptsvc", "2") == 0
    result = replace(changed.simulator, refresh=True).run("up", "dev")
    assert (result.succeeded, [step for step in result.steps if step.operation == "update"]) == (True, [])
    assert service(changed) == {"runs": "mrgnl-promptsvc:2", "tasks": 2}
