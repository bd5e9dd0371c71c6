"""Service deployments and stopped tasks on botocore's Stubber, as moto models neither."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from ops import deployments, tasks
from ops.deployments import Detail, ServiceDeployment
from ops.tasks import Container, Task
from tests.unit.ops import boto

CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/mrgnl"
DEPLOYMENT, REVISION = (
    CLUSTER.replace(":cluster/", f":service-{kind}/") + "/mcp/" for kind in ("deployment", "revision")
)
OLD, NEW = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def stubbed() -> Generator[tuple[Any, Any]]:
    with boto.stub("ecs") as found:
        yield found


def test_the_last_deployment_is_the_newest_one_in_whatever_order(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    found = [
        {"serviceDeploymentArn": f"{DEPLOYMENT}{name}", "status": status, "createdAt": at}
        for name, status, at in (("a", "SUCCESSFUL", OLD), ("b", "ROLLBACK_SUCCESSFUL", NEW), ("c", "SUCCESSFUL", OLD))
    ]
    found[1] |= {"statusReason": "why", "finishedAt": NEW}
    request = {"cluster": CLUSTER, "service": "mcp"}
    stub.add_response("list_service_deployments", {"serviceDeployments": found}, request)
    assert deployments.last(ecs, cluster=CLUSTER, service="mcp") == ServiceDeployment(
        arn=f"{DEPLOYMENT}b", status="ROLLBACK_SUCCESSFUL", reason="why", created=NEW, finished=NEW
    )


def test_a_service_without_a_deployment_in_the_history_has_none(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    stub.add_response("list_service_deployments", {"serviceDeployments": []})
    assert deployments.last(ecs, cluster=CLUSTER, service="mcp") is None


def test_a_deployment_names_both_revisions_the_failures_and_the_alarms(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    found = {
        "serviceDeploymentArn": f"{DEPLOYMENT}b",
        "targetServiceRevision": {"arn": f"{REVISION}2"},
        "rollback": {"reason": "alarm", "serviceRevisionArn": f"{REVISION}1"},
        "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
        "alarms": {"status": "TRIGGERED", "triggeredAlarmNames": ["mrgnl-5xx"]},
    }
    revisions = [
        {
            "serviceRevisionArn": f"{REVISION}{number}",
            "taskDefinition": f"arn:aws:ecs:us-east-1:123456789012:task-definition/mrgnl-mcp:{number}",
        }
        for number in (1, 2)
    ]
    request = {"serviceDeploymentArns": [f"{DEPLOYMENT}b"]}
    stub.add_response("describe_service_deployments", {"serviceDeployments": [found]}, request)
    request = {"serviceRevisionArns": [f"{REVISION}1", f"{REVISION}2"]}
    stub.add_response("describe_service_revisions", {"serviceRevisions": revisions}, request)
    last = ServiceDeployment(arn=f"{DEPLOYMENT}b", status="", reason="", created=NEW, finished=None)
    assert deployments.detail(ecs, last) == Detail(
        revision="mrgnl-mcp:2",
        former="mrgnl-mcp:1",
        rollback_reason="alarm",
        failures=3,
        threshold=3,
        alarms=("mrgnl-5xx",),
    )


def test_stopped_tasks_are_listed_with_their_reasons_the_last_one_first(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    arns = [CLUSTER.replace(":cluster/", ":task/") + f"/{number}" for number in (1, 2)]
    definition = "arn:aws:ecs:us-east-1:123456789012:task-definition/mrgnl-mcp:2"
    described = [
        {
            "taskArn": arn,
            "taskDefinitionArn": definition,
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "stoppedAt": at,
            "containers": [{"name": "mcp", "exitCode": 137, "reason": "OutOfMemoryError: container killed"}],
        }
        for arn, at in zip(arns, (OLD, NEW), strict=True)
    ]
    request = {"cluster": CLUSTER, "serviceName": "mcp", "desiredStatus": "STOPPED"}
    stub.add_response("list_tasks", {"taskArns": arns}, request)
    stub.add_response("describe_tasks", {"tasks": described}, {"cluster": CLUSTER, "tasks": arns})
    found = tasks.tasks(ecs, cluster=CLUSTER, service="mcp", status="STOPPED")
    assert [each.id for each in found] == ["2", "1"]
    assert found[0] == Task(
        id="2",
        revision="mrgnl-mcp:2",
        health="UNKNOWN",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        stopped=NEW,
        containers=(Container(name="mcp", reason="OutOfMemoryError: container killed", exit_code=137),),
    )
