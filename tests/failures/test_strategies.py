"""Deployment strategies, of a gateway behind a load balancer and of a gRPC service behind Service Connect."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

import pytest
from pulumi import automation as auto

from ecs import types
from simulator import drift
from simulator.aws import ecs_rollout, ecs_shift
from simulator.boto.ecs import Ecs
from simulator.engine import Result
from simulator.faults import Fault, Faults
from simulator.home import Home
from tests.engine.conftest import Checkout, deployed_once
from tests.engine.test_operate import operate
from tests.images import images

CANARY = {"strategy": "canary", "percent": 10, "step-minutes": 5, "bake-minutes": 5}
LINEAR = {"strategy": "linear", "percent": 50, "step-minutes": 1, "bake-minutes": 0}
BLUE_GREEN = {"strategy": "blue-green", "bake-minutes": 5}
ROLLING = {"strategy": "rolling"}


def two_services(checkout: Checkout) -> None:
    """A gateway that calls promptsvc, with pinned images and alarms."""
    checkout.keep_services("mcp", "promptsvc")
    pinned = images(["mcp", "promptsvc"])
    alerts = {"emails": ["ops@example.com"]}
    checkout.edit("dev", lambda stack: stack.update(images=pinned, build=None, alerts=alerts))


def shifting(checkout: Checkout) -> None:
    two_services(checkout)
    choose(checkout, mcp=CANARY, promptsvc=BLUE_GREEN)


def choose(checkout: Checkout, **strategies: dict[str, Any]) -> None:
    checkout.edit("dev", lambda stack: stack.update(rollout=strategies))


@pytest.fixture(scope="session")
def shifting_home(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    """For copying only."""
    return deployed_once("shifting", tmp_path_factory, cli, shifting)


@pytest.fixture
def deployed(checkout: Checkout, shifting_home: Home) -> Checkout:
    """A deployed gateway with a canary strategy, and promptsvc with blue/green."""
    shifting(checkout)
    shutil.copytree(shifting_home.path, checkout.home.path)
    return checkout


def release(checkout: Checkout, digit: str) -> None:
    """New images of both services."""
    checkout.edit("dev", lambda stack: stack.update(images=images(["mcp", "promptsvc"], digit)))


def up(checkout: Checkout, *faults: Fault, **options: Any) -> Result:
    played = Faults(faults)
    result = replace(checkout.simulator, faults=played, up_options=options).run("up", "dev")
    assert played.missed == []
    return result


def running(checkout: Checkout) -> dict[str, str]:
    """The revision that runs, by service."""
    with checkout.home.store() as store:
        found = [each.properties for each in store.find(types.SERVICE)]
    return {each["name"]: each[ecs_rollout.RUNNING].rpartition(":")[2] for each in found}


def traffic(checkout: Checkout) -> list[int]:
    """The weights of both target groups in the listener rule: of the first one, and of the alternate one."""
    with checkout.home.store() as store:
        [rule] = [each for each in store.find(types.LISTENER_RULE) if each.urn.endswith("-production")]
    [action] = rule.properties["actions"]
    return [int(each["weight"]) for each in action["forward"]["targetGroups"]]


def assert_settled(checkout: Checkout) -> None:
    """Neither an update nor one with a refresh has anything to change, although ECS rewrote the rule."""
    assert checkout.changed("preview") == set()
    assert list(drift.found(drift.preview(checkout.simulator, "dev"))) == []


def test_each_deployment_moves_the_traffic_to_the_other_group_and_the_next_update_changes_nothing(
    deployed: Checkout,
) -> None:
    assert traffic(deployed) == [0, 100]
    assert_settled(deployed)
    release(deployed, "b")
    assert {each for each in deployed.changed() if each[1].endswith("-service")} == {
        ("update", "mcp-service"),
        ("update", "promptsvc-service"),
    }
    assert (traffic(deployed), running(deployed)) == ([100, 0], {"mcp": "2", "promptsvc": "2"})
    assert deployed.states() == {"mcp": "steady", "promptsvc": "steady"}
    assert_settled(deployed)


@pytest.mark.parametrize("kind", ["alarm", "alarm-in-step", "alarm-in-bake"])
def test_a_release_of_the_gateway_that_raises_an_alarm_fails_the_update_and_the_former_one_has_the_traffic(
    deployed: Checkout, kind: str
) -> None:
    release(deployed, "b")
    failed = up(deployed, Fault(kind, "mcp"))
    assert not failed.succeeded, "ECS runs another revision than the requested one"
    assert (traffic(deployed), running(deployed)) == ([0, 100], {"mcp": "1", "promptsvc": "2"})
    assert not up(deployed).succeeded, "the next update succeeded on the former revision"
    release(deployed, "c")
    deployed.run("up")
    assert (traffic(deployed), running(deployed)["mcp"]) == ([100, 0], "3")
    assert_settled(deployed)


@pytest.mark.parametrize("kind", ["rollback", "alarm-in-bake"])
def test_a_release_of_a_grpc_service_that_fails_is_deployed_again_by_an_update_with_refresh(
    deployed: Checkout, kind: str
) -> None:
    release(deployed, "b")
    assert not up(deployed, Fault(kind, "promptsvc")).succeeded
    assert running(deployed)["promptsvc"] == "1"
    again = replace(deployed.simulator, refresh=True).run("up", "dev")
    assert again.succeeded, again.errors
    assert running(deployed) == {"mcp": "2", "promptsvc": "2"}
    assert_settled(deployed)


@pytest.mark.parametrize(
    ("strategy", "kind", "service"),
    [
        (LINEAR, "alarm-in-step", "mcp"),
        (LINEAR, "alarm-in-step", "promptsvc"),
        (CANARY, "alarm-in-step", "promptsvc"),
        (BLUE_GREEN, "rollback", "mcp"),
    ],
    ids=lambda each: each if isinstance(each, str) else each["strategy"],
)
def test_each_strategy_ends_a_bad_release_of_each_kind_of_service(
    checkout: Checkout, strategy: dict[str, Any], kind: str, service: str
) -> None:
    """Those pairs that the tests above leave out."""
    two_services(checkout)
    choose(checkout, default=strategy)
    checkout.run("up")
    assert_settled(checkout)
    release(checkout, "b")
    assert not up(checkout, Fault(kind, service)).succeeded, "ECS runs another revision than the requested one"
    assert (traffic(checkout), running(checkout)[service]) == ([0, 100], "1")
    release(checkout, "c")
    ended = up(checkout, refresh=True)
    assert (ended.succeeded, checkout.states()) == (True, {"mcp": "steady", "promptsvc": "steady"}), ended.errors
    assert_settled(checkout)


def test_a_canary_has_no_circuit_breaker_which_could_end_it(deployed: Checkout) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html"""
    release(deployed, "b")
    faults = Faults((Fault("rollback", "mcp"),))
    assert replace(deployed.simulator, faults=faults).run("up", "dev").succeeded
    assert [str(each) for each in faults.missed] == ["rollback:mcp"]


def test_a_rollout_that_still_bakes_fails_its_update_and_warns_in_the_next_until_it_has_ended(
    deployed: Checkout,
) -> None:
    release(deployed, "b")
    baking = Fault("baking", "mcp")
    failed = up(deployed, baking)
    assert not failed.succeeded
    assert "timeout: 30m0s" in " ".join(failed.messages), "it waits for the steps, too: 20 minutes and 5 + 5"
    assert (traffic(deployed), deployed.states()["mcp"]) == ([100, 0], "in progress")
    still = up(deployed, baking)
    assert not still.succeeded
    assert "the deployment of mrgnl-mcp:2 is in progress" in " ".join(still.messages)
    ended = up(deployed, refresh=True)
    assert (ended.succeeded, traffic(deployed), deployed.states()["mcp"]) == (True, [100, 0], "steady")
    assert_settled(deployed)


def test_a_person_stops_a_rollout_that_bakes_and_the_former_revision_has_the_traffic_again(
    deployed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    release(deployed, "b")
    assert not up(deployed, Fault("baking", "mcp")).succeeded
    assert operate(deployed, "stop-rollout", "dev", "mcp") == 0, capsys.readouterr().err
    assert (traffic(deployed), running(deployed)["mcp"]) == ([0, 100], "1")
    assert not up(deployed).succeeded, "the next update succeeded on the former revision"


def test_a_former_revision_that_a_person_deploys_gets_the_traffic_by_the_same_strategy(deployed: Checkout) -> None:
    """As `aws ecs update-service --task-definition mrgnl-mcp:1`; the next update warns."""
    release(deployed, "b")
    deployed.run("up")
    with deployed.home.store() as store:
        [service] = store.find(types.SERVICE, name="mcp")
        ecs = Ecs(store=store, account=service.account, region=service.region)
        ecs.update_service(cluster=service.properties["cluster"], service="mcp", taskDefinition="mrgnl-mcp:1")
    assert (traffic(deployed), running(deployed)["mcp"]) == ([0, 100], "1")
    warned = up(deployed)
    assert (warned.succeeded, "ECS runs mrgnl-mcp:1, not mrgnl-mcp:2" in " ".join(warned.warnings)) == (True, True)


def replaced(result: Result) -> list[str]:
    return [each.name for each in result.steps if each.operation == "replace" and "service" in each.name]


def test_a_running_service_changes_its_strategy_to_each_other_and_back_without_being_replaced(
    checkout: Checkout,
) -> None:
    """The steps of docs/howto/rollout.md: once the key is set, each change is of the strategy alone."""
    two_services(checkout)
    checkout.run("up")
    for strategy in (ROLLING, BLUE_GREEN, CANARY, ROLLING, LINEAR, ROLLING, BLUE_GREEN):
        choose(checkout, default=strategy)
        result = checkout.run("up")
        assert replaced(result) == []
        assert (traffic(checkout), checkout.states()) == ([100, 0], {"mcp": "steady", "promptsvc": "steady"})
        assert_settled(checkout)
    release(checkout, "b")
    checkout.run("up")
    choose(checkout, default=ROLLING)
    checkout.run("up")
    release(checkout, "c")
    checkout.run("up")
    assert traffic(checkout) == [0, 100], "a rolling deployment keeps the group that has the traffic"

    # To end it: a deployment that shifts the traffic to the first group, before the rule goes.
    choose(checkout, default=BLUE_GREEN)
    checkout.edit("dev", lambda stack: stack.update(redeploy={"mcp": 1}))
    checkout.run("up")
    assert traffic(checkout) == [100, 0]
    choose(checkout, default=ROLLING)
    checkout.run("up")
    checkout.edit("dev", lambda stack: stack.pop("rollout"))
    result = checkout.run("up")
    assert replaced(result) == []
    with checkout.home.store() as store:
        assert (store.find(types.LISTENER_RULE), len(store.find(types.TARGET_GROUP))) == ([], 1)
        [service] = store.find(types.SERVICE, name="mcp")
    assert service.properties[ecs_shift.GROUP] == "", "no rule says where the traffic goes: the listener does"
    assert_settled(checkout)
