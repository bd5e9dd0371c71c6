from __future__ import annotations

from ecs import types
from simulator.engine import TYPES
from simulator.faults import Fault, Faults

LOG_GROUP = f"urn:pulumi:dev::marginalia::{types.LOG_GROUP}::logs"
IMAGE = f"urn:pulumi:dev::marginalia::{types.DOCKER_IMAGE}::image"


def refusal(kind: str, token: str, urn: str) -> str:
    faults = Faults((Fault(kind, urn.rpartition("::")[2]),))
    return faults.refusal(token, urn, "update", TYPES[token].failure)


def test_a_refused_change_of_aws_has_the_action_and_its_error_and_that_of_an_image_is_a_failed_build() -> None:
    assert refusal("update-fails", types.LOG_GROUP, LOG_GROUP) == (
        "operation error logs: PutRetentionPolicy, api error ThrottlingException: Rate exceeded"
    )
    assert refusal("update-fails", types.DOCKER_IMAGE, IMAGE) == (
        'process "/bin/sh -c go build" did not complete successfully: exit code: 1'
    )


def test_an_alarm_is_raised_only_in_a_rollout_with_deployment_alarms_that_can_be_rolled_back() -> None:
    urn = f"urn:pulumi:dev::marginalia::{types.SERVICE}::mcp-service"
    faults = Faults((Fault("alarm", "mcp"),))
    assert [faults.rollout(urn, ["unhealthy"]), faults.rollout(urn, ["rollback"])] == ["", ""]
    [missed] = faults.missed
    assert missed.missed(["mcp-service"]) == (
        "alarm:mcp: not played: no service with deployment alarms was rolled out. Add `alerts` to the stack file and"
        " deploy it, then change the image of the public service."
    )
    assert faults.rollout(urn, ["rollback", "alarm"]) == "alarm"
    assert faults.missed == []


def test_a_rollout_stays_in_progress_while_its_fault_is_played() -> None:
    urn = f"urn:pulumi:dev::marginalia::{types.SERVICE}::promptsvc-service"
    faults = Faults((Fault("in-progress", "promptsvc"),))
    assert faults.stays_in_progress(urn)
    assert (faults.missed, Faults().stays_in_progress(urn)) == ([], False)
