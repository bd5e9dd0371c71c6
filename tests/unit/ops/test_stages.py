"""`status` and `why` say where a deployment is that ECS has not ended, and name the next command."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from botocore.loaders import Loader

from ops import stages, status, status_view, why, why_view
from ops.deployments import AWAITING, GOING_BACK, UNFINISHED, Detail, Hook, ServiceDeployment
from simulator.aws.ecs_rollout import Rollout
from simulator.aws.ecs_shift import BAKE, STAGE
from tests.declared import STACKS
from tests.unit.ops.simulated import STACK, Simulated
from tests.unit.ops.test_approval import waiting

AT = datetime(2026, 1, 1, 12, 26, tzinfo=UTC)
ANSWER = (
    "`python -m ops approve dev mcp --simulator` lets it go on, `python -m ops reject dev mcp --simulator` ends it."
)
BAKES = "bakes: its tasks have all traffic, and the former ones still run"


def baking() -> Simulated:
    cloud = waiting()
    cloud.roll_out("mcp", Rollout.IN_PROGRESS, "baking")
    cloud.change(cloud.service("mcp"), **{STAGE: BAKE})
    return cloud


def problems(cloud: Simulated) -> tuple[str, ...]:
    return status.read(cloud.cloud, STACK, STACKS).problems


def shown(cloud: Simulated, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What `why` prints of mcp."""
    why_view.show(why.read(cloud.cloud, STACK, "mcp", STACKS))
    return capsys.readouterr().out.splitlines()


def test_a_deployment_that_waits_says_until_when_and_how_to_answer(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = waiting("mcp")
    assert problems(cloud) == (f"mcp: the deployment of mrgnl-mcp:2 waits for approval until 12:26 UTC. {ANSWER}",)
    lines = shown(cloud, capsys)
    assert "the rollout of mrgnl-mcp:2 waits for approval until 12:26 UTC; 2 of 1 tasks run" in lines[0]
    assert lines[2].split(maxsplit=1) == ["cause", f"None: no task has failed. {ANSWER}"]
    status_view.show(status.read(cloud.cloud, STACK, STACKS))
    assert "waiting, 10 min" in capsys.readouterr().out


def test_a_deployment_that_bakes_goes_on_by_itself_and_can_be_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    cloud = baking()
    ends = "ECS completes it by itself; `python -m ops stop-rollout dev mcp --simulator` ends it."
    assert problems(cloud) == (f"mcp: the deployment of mrgnl-mcp:2 {BAKES}. {ends}",)
    assert f"the rollout of mrgnl-mcp:2 {BAKES}; " in shown(cloud, capsys)[0]
    status_view.show(status.read(cloud.cloud, STACK, STACKS))
    assert "baking, 10 min" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("approval-timeout", "Nobody approved the deployment in time."),
        ("rejected", "Somebody rejected the deployment."),
    ],
)
def test_why_knows_a_deployment_that_nobody_approved_from_one_that_somebody_rejected(fault: str, text: str) -> None:
    cloud = waiting()
    cloud.roll_out("mcp", Rollout.ROLLED_BACK, fault)
    cloud.change(cloud.service("mcp"), **{STAGE: "POST_TEST_TRAFFIC_SHIFT"})
    found = why.read(cloud.cloud, STACK, "mcp", STACKS)
    assert (found.verdict, found.stopped, found.cause and found.cause.text) == (why.FAILED, (), text)


def test_every_stage_and_every_state_that_aws_has_is_known() -> None:
    """A stage without words would show nothing of a deployment in it."""
    shapes = Loader().load_service_model("ecs", "service-2")["shapes"]
    hooks, last = ({*shapes[name]["enum"]} for name in ("DeploymentLifecycleHookStage", LAST))
    assert {*stages.STAGES} == hooks | last
    ended = {"SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
    assert {*shapes["ServiceDeploymentStatus"]["enum"]} == {*UNFINISHED, *GOING_BACK} | ended


LAST = "ServiceDeploymentLifecycleStage"


@pytest.mark.parametrize("state", GOING_BACK)
def test_a_deployment_that_ecs_rolls_back_only_needs_patience(state: str) -> None:
    cloud = waiting().cloud
    deployment = ServiceDeployment(arn="arn", status=state, reason="", created=AT, finished=None)
    detail = Detail(revision="mrgnl-mcp:2", stage="BAKE_TIME", hooks=(Hook(id="1", status=AWAITING, expires=AT),))
    assert stages.sentence(deployment, detail) == f"is being rolled back ({state})"
    assert stages.command(cloud, STACK, "mcp", deployment, detail) == (
        "Wait for it: `python -m ops status dev --simulator`."
    )
    assert stages.sentence(replace(deployment, status="IN_PROGRESS"), Detail(revision="")) == "", "it rolls"
