"""Debug tasks on the real engine: a toolbox comes and goes, and `python -m ops debug` uses it."""

from __future__ import annotations

import pytest

from ecs import types
from ops.cli import main
from simulator.aws import ecs_runs
from tests.engine.conftest import Checkout
from tests.images import image


@pytest.fixture
def debuggable(dev: Checkout) -> Checkout:
    dev.edit("dev", lambda stack: stack.update(debug={"image": image("toolbox"), "minutes": 30}))
    dev.run("up")
    return dev


def test_a_toolbox_deploys_no_service_again_and_can_be_used_at_once(
    debuggable: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    with debuggable.home.store() as store:
        running = {each.properties["name"]: each.properties["taskDefinition"] for each in store.find(types.SERVICE)}
    assert {each.rpartition(":")[2] for each in running.values()} == {"1"}
    assert debuggable.changed("preview") == set()
    words = ["debug", "dev", "promptsvc", "--simulator", "--home", str(debuggable.home.path)]
    assert main(words, root=debuggable.root) == 0
    assert "the session would open here" in capsys.readouterr().out
    with debuggable.home.store() as store:
        [task] = store.find(ecs_runs.TASK)
    assert (task.properties["lastStatus"], task.properties["startedBy"]) == ("STOPPED", "debug")


def test_an_update_warns_of_debug_tasks_that_nobody_could_use(debuggable: Checkout) -> None:
    with debuggable.home.store() as store:
        [policy] = [each for each in store.find(types.ROLE_POLICY) if each.urn.endswith("::mcp-debug-task-role-policy")]
        store.remove(policy)
    found = [each for each in debuggable.run("up").warnings if "no debug task of it could be used" in each]
    assert {each.partition(":")[0] for each in found} == {"mcp"}
    assert [each for each in found if "ssmmessages:OpenDataChannel" in each] != []
