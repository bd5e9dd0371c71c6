"""The deployments that ECS remembers, on botocore's Stubber: moto has none."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import pytest

from ops import history
from ops.ecs import Running
from ops.history import Definition, Deployment
from ops.service import Service
from ops.stack import Description
from tests.unit.ops import boto

SERVICE = "arn:aws:ecs:us-east-1:123456789012:service/mrgnl/mcp"
CLUSTER = "arn:aws:ecs:us-east-1:123456789012:cluster/mrgnl"
RUNNING = Running(
    deployments=("PRIMARY COMPLETED",), tasks=1, desired=1, revision="mrgnl-mcp:1", image="", cpu_architecture="X86_64"
)


def arn(kind: str, number: int) -> str:
    return SERVICE.replace(":service/", f":{kind}/") + f"/{number}"


def brief(number: int) -> dict[str, Any]:
    return {
        "serviceDeploymentArn": arn("service-deployment", number),
        "targetServiceRevisionArn": arn("service-revision", number),
        "createdAt": datetime(2026, 1, 1, 0, number, tzinfo=UTC),
        "status": "SUCCESSFUL",
    }


def task_definition(number: int) -> str:
    return f"arn:aws:ecs:us-east-1:123456789012:task-definition/mrgnl-mcp:{number}"


@pytest.fixture
def stubbed() -> Generator[tuple[Service, Any]]:
    described = Description(stack="prod", images={}, services={"mcp": SERVICE}, cluster=CLUSTER)
    with boto.stub("ecs") as (ecs, stub):
        yield Service(name="mcp", described=described, running=RUNNING, ecs=ecs), stub


def test_every_page_of_deployments_is_read_newest_first_with_revisions_twenty_at_once(
    stubbed: tuple[Service, Any],
) -> None:
    service, stub = stubbed
    request = {"cluster": CLUSTER, "service": SERVICE, "status": ["SUCCESSFUL"]}
    pages = [brief(number) for number in range(20)], [brief(20)]
    stub.add_response("list_service_deployments", {"serviceDeployments": pages[0], "nextToken": "more"}, request)
    stub.add_response("list_service_deployments", {"serviceDeployments": pages[1]}, {**request, "nextToken": "more"})
    for numbers in (range(20, 0, -1), [0]):
        stub.add_response(
            "describe_service_revisions",
            {
                "serviceRevisions": [
                    {"serviceRevisionArn": arn("service-revision", each), "taskDefinition": task_definition(each)}
                    for each in numbers
                ]
            },
            {"serviceRevisionArns": [arn("service-revision", each) for each in numbers]},
        )
    assert history.deployments(service, ["SUCCESSFUL"]) == [
        Deployment(arn=arn("service-deployment", each), status="SUCCESSFUL", task_definition=task_definition(each))
        for each in range(20, -1, -1)
    ]


def test_a_deregistered_revision_cannot_be_deployed_again(stubbed: tuple[Service, Any]) -> None:
    service, stub = stubbed
    secret = {"name": "DATABASE_URL", "valueFrom": "an arn"}
    found = {
        "taskDefinitionArn": task_definition(7),
        "containerDefinitions": [{"name": "mcp", "image": "an image", "secrets": [secret]}],
        "status": "INACTIVE",
    }
    stub.add_response("describe_task_definition", {"taskDefinition": found}, {"taskDefinition": "mrgnl-mcp:7"})
    assert history.definition(service, "mrgnl-mcp:7") == Definition(
        revision="mrgnl-mcp:7", image="an image", secrets={"DATABASE_URL": "an arn"}, is_active=False
    )


def test_a_revision_that_does_not_exist_is_none(stubbed: tuple[Service, Any]) -> None:
    service, stub = stubbed
    stub.add_client_error("describe_task_definition", "ClientException")
    assert history.definition(service, "mrgnl-mcp:9") is None
