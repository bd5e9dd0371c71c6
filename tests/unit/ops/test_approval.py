"""`approve` and `reject`, with clients whose requests and responses botocore accepts."""

from __future__ import annotations

from functools import cache

import pytest

from config.problems import UserError
from ops import approval
from ops.action import Action
from simulator.aws.ecs_rollout import ROLLOUT, Rollout
from simulator.aws.ecs_shift import STAGE, TESTED
from tests.declared import CATALOGUE, STACKS, Declared, declare_program
from tests.images import images
from tests.unit.ops.simulated import STACK, Simulated, deployed

ROLLOUTS = {"default": {"strategy": "blue-green", "bake-minutes": 5, "approve": True, "approve-minutes": 30}}


@cache
def declared() -> Declared:
    return declare_program(STACK, build=None, images=images(CATALOGUE.names), rollout=ROLLOUTS)


def waiting(*names: str) -> Simulated:
    """The deployments of these services wait for approval."""
    cloud = deployed(declared())
    for name in names:
        cloud.roll_out(name, Rollout.IN_PROGRESS, "waiting")
        cloud.change(cloud.service(name), **{STAGE: TESTED})
    return cloud


def prepare(cloud: Simulated, name: str | None = None, *, approve: bool = True) -> Action:
    return approval.prepare(cloud.cloud, STACK, name, STACKS, approve=approve)


def outcomes(cloud: Simulated) -> dict[str, str]:
    return {name: cloud.service(name).properties[ROLLOUT] for name in ("mcp", "promptsvc")}


def test_the_plan_says_until_when_a_deployment_waits_and_how_to_test_it() -> None:
    plan = prepare(waiting("mcp"), "mcp").plan
    waits = "dev/mcp: mrgnl-mcp:2 waits for approval until 12:26 UTC; ECS would shift traffic to its new tasks."
    assert plan[0] == waits, "30 minutes after it began to wait at 11:56"
    assert plan[1].endswith(" --green")


@pytest.mark.parametrize(("approve", "outcome"), [(True, Rollout.COMPLETED), (False, Rollout.ROLLED_BACK)])
def test_without_a_service_the_answer_is_for_each_deployment_that_waits(approve: bool, outcome: Rollout) -> None:
    cloud = waiting("mcp", "promptsvc")
    action = prepare(cloud, approve=approve)
    assert action.details == {"revisions": ["mrgnl-mcp:2", "mrgnl-promptsvc:2"]}
    action.perform()
    assert outcomes(cloud) == {"mcp": outcome, "promptsvc": outcome}


def test_with_a_service_the_others_wait_on() -> None:
    cloud = waiting("mcp", "promptsvc")
    prepare(cloud, "promptsvc").perform()
    assert outcomes(cloud) == {"mcp": Rollout.IN_PROGRESS, "promptsvc": Rollout.COMPLETED}


def test_an_answer_counts_once() -> None:
    cloud = waiting("mcp")
    first, second = prepare(cloud), prepare(cloud, approve=False)
    first.perform()
    with pytest.raises(UserError, match="does not wait at this hook"):
        second.perform()
    assert outcomes(cloud)["mcp"] == Rollout.COMPLETED


@pytest.mark.parametrize("approve", [True, False])
def test_a_stack_whose_deployments_do_not_wait_has_nothing_to_answer(approve: bool) -> None:
    cloud = waiting()
    cloud.roll_out("mcp", Rollout.IN_PROGRESS, "in-progress")
    with pytest.raises(UserError, match=r"^dev: no deployment waits for approval\. python -m ops status dev"):
        prepare(cloud, approve=approve)


def test_it_needs_the_permissions_that_its_help_names() -> None:
    cloud = waiting("mcp")
    prepare(cloud).perform()
    assert cloud.actions == set(approval.PERMISSIONS)
