"""Rollouts of each deployment strategy in the simulated cloud."""

from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from simulator.aws import ecs_rollout, ecs_shift
from simulator.aws.ecs_rollout import Rollout
from simulator.failure import InitFailedError
from simulator.faults import Fault, Faults
from tests.unit.simulator.promptsvc import Promptsvc

OFF = {"enable": False, "rollback": False}
BLUE_GREEN = {"deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "5"}}
CANARY = {
    "deploymentConfiguration": {
        "strategy": "CANARY",
        "bakeTimeInMinutes": "5",
        "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": "10"},
    },
    "deploymentCircuitBreaker": OFF,
}
LINEAR = {
    "deploymentConfiguration": {
        "strategy": "LINEAR",
        "bakeTimeInMinutes": "0",
        "linearConfiguration": {"stepPercent": 50, "stepBakeTimeInMinutes": "10"},
    },
    "deploymentCircuitBreaker": OFF,
}


def outcome(promptsvc: Promptsvc) -> tuple[str, str]:
    [service] = promptsvc.world.all(types.SERVICE)
    return service.properties[ecs_rollout.ROLLOUT], service.properties[ecs_shift.STAGE]


@pytest.mark.parametrize(
    ("strategy", "ends"),
    [
        ({}, (Rollout.FAILED, "")),
        (BLUE_GREEN, (Rollout.FAILED, "SCALE_UP")),
        (CANARY, (Rollout.IN_PROGRESS, "SCALE_UP")),
        (LINEAR, (Rollout.IN_PROGRESS, "SCALE_UP")),
    ],
)
def test_tasks_that_do_not_start_end_a_rollout_only_with_a_circuit_breaker(
    promptsvc: Promptsvc, strategy: dict[str, Any], ends: tuple[str, str]
) -> None:
    """Without one it goes on, also between two operations, until somebody stops it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
    """
    failing = promptsvc.world.replace(faults=Faults((Fault("unhealthy", "service"),)))
    with pytest.raises(InitFailedError):
        failing.create(types.SERVICE, "service", **promptsvc.service(**strategy))
    assert outcome(promptsvc) == ends
    [service] = promptsvc.world.all(types.SERVICE)
    ecs_rollout.finish_rollouts(promptsvc.world.store, Faults(), service.stack)
    assert outcome(promptsvc) == ends
    if ends[0] == Rollout.IN_PROGRESS:
        ecs_rollout.stop(promptsvc.world.store, service)
        assert outcome(promptsvc) == (Rollout.FAILED, "SCALE_UP")


@pytest.mark.parametrize(
    ("strategy", "fault", "is_met"),
    [
        ({}, "baking", False),
        (BLUE_GREEN, "baking", True),
        (CANARY, "baking", True),
        (LINEAR, "baking", False),
        ({}, "rollback", True),
        (BLUE_GREEN, "rollback", True),
        (CANARY, "rollback", False),
        (LINEAR, "rollback", False),
        (BLUE_GREEN, "alarm-in-bake", False),
    ],
)
def test_a_rollout_meets_only_the_faults_of_its_strategy(
    promptsvc: Promptsvc, strategy: dict[str, Any], fault: str, is_met: bool
) -> None:
    """The linear one here bakes for no time; this service has no alarms."""
    created = promptsvc.deploy(**strategy)
    faults = Faults((Fault(fault, "service"),))
    changed = promptsvc.service(**strategy)["taskDefinition"]
    failing = promptsvc.world.replace(faults=faults)
    if is_met:
        with pytest.raises(InitFailedError):
            failing.update(created, taskDefinition=changed)
    else:
        failing.update(created, taskDefinition=changed)
    assert (faults.missed == []) == is_met


@pytest.mark.parametrize(("strategy", "minutes"), [({}, 20), (BLUE_GREEN, 25), (CANARY, 35), (LINEAR, 30)])
def test_the_provider_waits_as_long_as_the_program_lets_it(
    promptsvc: Promptsvc, strategy: dict[str, Any], minutes: int
) -> None:
    created = promptsvc.deploy(**strategy)
    waiting = promptsvc.world.replace(faults=Faults((Fault("in-progress", "service"),)))
    with pytest.raises(InitFailedError, match=f"timeout: {minutes}m0s"):
        waiting.update(created, taskDefinition=promptsvc.service(**strategy)["taskDefinition"])
