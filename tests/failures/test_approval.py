"""Deployments that wait for a person, on the engine."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from pulumi import automation as auto

from simulator.faults import Fault
from simulator.home import Home
from tests.engine.conftest import Checkout, deployed_once
from tests.engine.test_operate import operate
from tests.failures.test_strategies import (
    BLUE_GREEN,
    assert_settled,
    choose,
    release,
    running,
    traffic,
    two_services,
    up,
)

APPROVED = {**BLUE_GREEN, "approve": True, "approve-minutes": 30}


def approving(checkout: Checkout) -> None:
    """Both services wait for a person, the gateway after the service that it calls."""
    two_services(checkout)
    choose(checkout, default=APPROVED)


@pytest.fixture(scope="session")
def approving_home(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    """For copying only."""
    return deployed_once("approving", tmp_path_factory, cli, approving)


@pytest.fixture
def deployed(checkout: Checkout, approving_home: Home) -> Checkout:
    approving(checkout)
    shutil.copytree(approving_home.path, checkout.home.path)
    release(checkout, "b")
    return checkout


def test_a_deployment_that_waits_after_an_interrupted_update_goes_on_when_a_person_approves_it(
    deployed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not up(deployed, Fault("waiting", "promptsvc")).succeeded
    assert running(deployed) == {"mcp": "1", "promptsvc": "1"}, "the caller of a service that waits was deployed"
    still = up(deployed)
    assert (still.succeeded, deployed.states()["promptsvc"]) == (False, "in progress"), "time alone approved it"
    assert operate(deployed, "approve", "dev") == 0, capsys.readouterr().err
    assert (running(deployed)["promptsvc"], deployed.states()["promptsvc"]) == ("2", "steady")
    again = replace(deployed.simulator, refresh=True).run("up", "dev")
    assert (again.succeeded, running(deployed)) == (True, {"mcp": "2", "promptsvc": "2"})
    assert traffic(deployed) == [100, 0]
    assert_settled(deployed)


def test_a_deployment_that_a_person_rejects_goes_back_and_the_next_update_does_not_succeed(
    deployed: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not up(deployed, Fault("waiting", "mcp")).succeeded
    assert operate(deployed, "reject", "dev", "mcp") == 0, capsys.readouterr().err
    assert (traffic(deployed), running(deployed)) == ([0, 100], {"mcp": "1", "promptsvc": "2"})
    assert not up(deployed).succeeded, "it succeeded on the former revision"
    assert operate(deployed, "approve", "dev", "mcp") == 1
    assert "dev/mcp: no deployment waits for approval." in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "why"), [("rejected", "failed"), ("approval-timeout", "timed out")])
def test_an_update_fails_if_the_deployment_that_it_waits_for_is_not_approved(
    deployed: Checkout, kind: str, why: str
) -> None:
    failed = up(deployed, Fault(kind, "mcp"))
    assert not failed.succeeded
    assert f"a lifecycle hook {why}: ECS rolled back to mrgnl-mcp:1" in " ".join(failed.messages)
    assert (traffic(deployed), running(deployed)) == ([0, 100], {"mcp": "1", "promptsvc": "2"})
