"""The checks of the failure tests find what they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from tests.engine import converged
from tests.engine.conftest import Checkout

Latest = dict[str, Any]


def edit_state(dev: Checkout, change: Callable[[Latest], object]) -> None:
    [file] = (dev.home.path / "state").rglob("stacks/**/dev.json")
    content = json.loads(file.read_text())
    change(content["checkpoint"]["latest"])
    file.write_text(json.dumps(content))


def resource(latest: Latest, name: str) -> dict[str, Any]:
    return next(each for each in latest["resources"] if each["urn"].endswith(f"::{name}"))


def test_a_state_and_a_cloud_that_agree_have_no_problem(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    dev.run("up")
    assert converged.problems(dev) == []


PROBLEMS: dict[str, Callable[[Latest], object]] = {
    "network-vpc: creating is pending": lambda latest: latest.update(
        pending_operations=[{"resource": resource(latest, "network-vpc"), "type": "creating"}]
    ),
    "aws:ecs/cluster:Cluster arn:aws:ecs:us-east-1:000000000000:cluster/mrgnl: 2 resources of the state": (
        lambda latest: latest["resources"].append(resource(latest, "cluster-cluster"))
    ),
    "mcp-service: its former object is still to be deleted": (
        lambda latest: resource(latest, "mcp-service").update(delete=True)
    ),
    "mcp-service: rolled back": lambda latest: resource(latest, "mcp-service").update(initErrors=["rolled back"]),
    "mcp-service: desiredCount is another one in the cloud": (
        lambda latest: resource(latest, "mcp-service")["inputs"].update(desiredCount=7)
    ),
    "mcp-service: triggers is another one in the cloud": (
        lambda latest: resource(latest, "mcp-service")["inputs"].update(triggers={"redeploy": "1"})
    ),
}


def test_an_argument_that_only_the_provider_has_is_no_difference(dev: Checkout) -> None:
    edit_state(dev, lambda latest: resource(latest, "database-url")["inputs"].update(recoveryWindowInDays=30))
    assert converged.problems(dev) == []


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_difference_between_state_and_cloud_is_a_problem(dev: Checkout, problem: str) -> None:
    edit_state(dev, PROBLEMS[problem])
    assert converged.problems(dev) == [problem]


def test_an_object_that_is_lost_or_created_twice_is_a_problem(dev: Checkout) -> None:
    with dev.home.store() as store:
        [vpc] = store.find(types.VPC)
        store.put(replace(vpc, id="vpc-2"))
        store.remove(vpc)
    assert converged.problems(dev) == [
        f"network-vpc: {vpc.id} is not in the cloud",
        "network-vpc: vpc-2 is in the cloud, but not in the state",
    ]


@pytest.mark.parametrize("written", ['a"<b', r"a\"<b", r"a\"\u003cb", r'{"x": "a\\\"\\u003cb"}'])
def test_a_secret_is_found_however_it_is_written(checkout: Checkout, written: str) -> None:
    checkout.home.path.mkdir()
    (checkout.home.path / "state.json").write_text(written)
    (checkout.home.path / "empty").touch()
    assert converged.leaks(checkout.home, ['a"<b']) == ["state.json"]
    assert converged.leaks(checkout.home, ["another"]) == []
