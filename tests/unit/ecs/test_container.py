from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import container
from services import Entry


def definition(entry: Entry | None = None, **changes: Any) -> dict[str, Any]:
    args: dict[str, Any] = {
        "image": "the image",
        "environment": {},
        "secrets": {},
        "logs": container.Logs(group="/ecs/mrgnl-promptsvc", region="us-east-1"),
        "probe": False,
        **changes,
    }
    return container.definition(entry or Entry(name="promptsvc", port=9002), **args)


def test_a_container_is_written_out_in_full() -> None:
    assert definition() == {
        "name": "promptsvc",
        "image": "the image",
        "essential": True,
        "user": "65532",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "stopTimeout": 35,
        "portMappings": [
            {"name": "grpc", "containerPort": 9002, "hostPort": 9002, "protocol": "tcp", "appProtocol": "grpc"}
        ],
        "environment": [],
        "secrets": [],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/mrgnl-promptsvc",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "task",
                "max-buffer-size": "25m",
                "mode": "non-blocking",
            },
        },
    }


def test_an_http_services_port_speaks_http() -> None:
    assert definition(Entry(name="mcp", port=8080, protocol="http"))["portMappings"] == [
        {"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "appProtocol": "http"}
    ]


@pytest.mark.parametrize("probe", [True, False])
def test_no_value_is_null(probe: bool) -> None:
    """ECS leaves out what is null, and the difference would replace the task definition in each preview."""
    assert "null" not in json.dumps(definition(environment={"A": "1"}, secrets={"B": "2"}, probe=probe))


def test_environment_and_secrets_are_the_same_json_in_whatever_order_they_are_given() -> None:
    pairs = {"ZED": "1", "GRPC_PORT": "2", "A": "3"}
    turned = dict(reversed(pairs.items()))
    ordered = definition(environment=pairs, secrets=pairs)
    assert json.dumps(ordered) == json.dumps(definition(environment=turned, secrets=turned))
    assert ordered["environment"] == [
        {"name": "A", "value": "3"},
        {"name": "GRPC_PORT", "value": "2"},
        {"name": "ZED", "value": "1"},
    ]
    assert ordered["secrets"] == [
        {"name": "A", "valueFrom": "3"},
        {"name": "GRPC_PORT", "valueFrom": "2"},
        {"name": "ZED", "valueFrom": "1"},
    ]


def test_a_probe_is_the_images_own_and_needs_no_shell() -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html: CMD, not CMD-SHELL."""
    probed = definition(probe=True)
    assert probed.pop("healthCheck") == {
        "command": ["CMD", "/service", "-healthcheck"],
        "interval": 10,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 10,
    }
    assert probed == definition(probe=False)


def test_a_service_that_drains_has_time_to_do_so() -> None:
    """Services drain within 30 seconds, and Fargate allows 120.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    assert 30 < definition()["stopTimeout"] <= 120
