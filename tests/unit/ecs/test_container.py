from __future__ import annotations

import json
from typing import Any

import pytest

from ecs import container


def definition(name: str = "promptsvc", **changes: Any) -> dict[str, Any]:
    args: dict[str, Any] = {
        "image": "the image",
        "environment": {},
        "secrets": {},
        "logs": container.Logs(group="/ecs/mrgnl-promptsvc", region="us-east-1"),
        **changes,
    }
    of_services = {"port": 9002, "protocol": "grpc", "probe": False}
    served: dict[str, Any] = {key: args.pop(key, value) for key, value in of_services.items()}
    return container.definition(container.process(name, **args), **served)


def test_the_definition_has_all_defaults() -> None:
    assert definition() == {
        "name": "promptsvc",
        "image": "the image",
        "essential": True,
        "user": "65532",
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}, "initProcessEnabled": True},
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


def test_the_port_of_an_http_service_has_app_protocol_http() -> None:
    assert definition("mcp", port=8080, protocol="http")["portMappings"] == [
        {"name": "http", "containerPort": 8080, "hostPort": 8080, "protocol": "tcp", "appProtocol": "http"}
    ]


@pytest.mark.parametrize("probe", [True, False])
def test_no_value_is_null(probe: bool) -> None:
    """ECS omits null values, and the difference would replace the task definition in each preview."""
    assert "null" not in json.dumps(definition(environment={"A": "1"}, secrets={"B": "2"}, probe=probe))


def test_environment_and_secrets_are_sorted_by_name() -> None:
    pairs = {"ZED": "1", "GRPC_PORT": "2", "A": "3"}
    reordered = dict(reversed(pairs.items()))
    ordered = definition(environment=pairs, secrets=pairs)
    assert json.dumps(ordered) == json.dumps(definition(environment=reordered, secrets=reordered))
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


def test_a_probe_runs_the_service_binary_without_a_shell() -> None:
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


def test_the_stop_timeout_exceeds_the_drain_timeout() -> None:
    """Services drain within 30 seconds, and Fargate allows 120.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
    """
    assert 30 < definition()["stopTimeout"] <= 120
