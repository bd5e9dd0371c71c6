"""ECS on botocore's Stubber, because moto has no rollouts in progress."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from ops import ecs as reader
from ops.ecs import Deployment, Event, Running
from tests.unit.ops import boto

CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/mrgnl"
AT = datetime(2026, 1, 1, tzinfo=UTC)
GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/mcp/0123456789abcdef"
COUNTS: dict[str, Any] = {"created": AT, "running": 1, "pending": 2, "failed": 3}
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/mrgnl-mcp@sha256:{'1' * 64}"


def arn(name: str) -> str:
    return CLUSTER.replace("cluster", "service") + f"/{name}"


def revision(name: str, number: int) -> str:
    return f"arn:aws:ecs:us-east-1:123456789012:task-definition/mrgnl-{name}:{number}"


def deployment(name: str, number: int, status: str = "PRIMARY", state: str = "COMPLETED") -> dict[str, Any]:
    return {
        "status": status,
        "taskDefinition": revision(name, number),
        "rolloutState": state,
        "createdAt": AT,
        "runningCount": 1,
        "pendingCount": 2,
        "failedTasks": 3,
    }


def service(name: str, *deployments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    defaults = {"serviceArn": arn(name), "status": "ACTIVE", "desiredCount": 2, "runningCount": 2}
    return {**defaults, "deployments": list(deployments), **changes}


@pytest.fixture
def stubbed() -> Generator[tuple[Any, Any]]:
    with boto.stub("ecs") as found:
        yield found


def respond(stub: Any, *services: dict[str, Any]) -> None:
    request = {"cluster": CLUSTER, "services": [each["serviceArn"] for each in services]}
    stub.add_response("describe_services", {"services": list(services), "failures": []}, request)


def respond_revision(stub: Any, name: str, number: int, **changes: Any) -> None:
    log = {"logDriver": "awslogs", "options": {"awslogs-group": f"/ecs/mrgnl-{name}"}}
    containers = [{"name": "proxy", "image": "proxy"}, {"name": name, "image": IMAGE, "logConfiguration": log}]
    definition = {"containerDefinitions": containers, **changes}
    stub.add_response(
        "describe_task_definition", {"taskDefinition": definition}, {"taskDefinition": revision(name, number)}
    )


def test_the_image_is_that_of_the_services_container_in_the_primary_deployment(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    respond(
        stub,
        service(
            "mcp",
            deployment("mcp", 6, "ACTIVE"),
            deployment("mcp", 7, state="IN_PROGRESS"),
            runningCount=3,
            events=[{"id": "1", "createdAt": AT, "message": "(service mcp) has started 1 tasks: (task 1)."}],
            loadBalancers=[{"targetGroupArn": GROUP, "containerName": "mcp", "containerPort": 8080}],
        ),
    )
    respond_revision(stub, "mcp", 7, runtimePlatform={"cpuArchitecture": "ARM64"})
    [found] = reader.running(ecs, cluster=CLUSTER, services={"mcp": arn("mcp")}).values()
    assert found == Running(
        deployments=("PRIMARY IN_PROGRESS", "ACTIVE COMPLETED"),
        tasks=3,
        desired=2,
        revision="mrgnl-mcp:7",
        image=IMAGE,
        cpu_architecture="ARM64",
        details=(
            Deployment(status="PRIMARY", revision="mrgnl-mcp:7", state="IN_PROGRESS", **COUNTS),
            Deployment(status="ACTIVE", revision="mrgnl-mcp:6", state="COMPLETED", **COUNTS),
        ),
        events=(Event(at=AT, message="(service mcp) has started 1 tasks: (task 1)."),),
        target_groups=(GROUP,),
        log_group="/ecs/mrgnl-mcp",
    )
    assert not found.is_steady


def test_a_service_with_one_completed_deployment_and_all_its_tasks_is_steady(stubbed: tuple[Any, Any]) -> None:
    ecs, stub = stubbed
    respond(stub, service("mcp", deployment("mcp", 7)))
    respond_revision(stub, "mcp", 7)
    [found] = reader.running(ecs, cluster=CLUSTER, services={"mcp": arn("mcp")}).values()
    assert found.is_steady


def test_a_revision_without_runtime_platform_runs_on_x86_64(stubbed: tuple[Any, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html"""
    ecs, stub = stubbed
    respond(stub, service("mcp", deployment("mcp", 7)))
    respond_revision(stub, "mcp", 7)
    assert reader.running(ecs, cluster=CLUSTER, services={"mcp": arn("mcp")})["mcp"].cpu_architecture == "X86_64"


@pytest.mark.parametrize(
    "gone",
    [service("mcp", status="INACTIVE"), service("mcp", deployment("mcp", 7), status="DRAINING")],
    ids=["deleted", "being deleted"],
)
def test_a_deleted_service_is_omitted(stubbed: tuple[Any, Any], gone: dict[str, Any]) -> None:
    """ECS still describes it for a while: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html"""
    ecs, stub = stubbed
    respond(stub, gone)
    assert reader.running(ecs, cluster=CLUSTER, services={"mcp": arn("mcp")}) == {}


def test_services_are_described_ten_per_request(stubbed: tuple[Any, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
    ecs, stub = stubbed
    names = [f"service-{number:02}" for number in range(11)]
    for some in (names[:10], names[10:]):
        respond(stub, *(service(name, deployment(name, 1)) for name in some))
        for name in some:
            respond_revision(stub, name, 1)
    found = reader.running(ecs, cluster=CLUSTER, services={name: arn(name) for name in names})
    assert sorted(found) == names
