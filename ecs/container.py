"""The one container of a task, in the normal form in which ECS gives it back.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi import Input

from services import Entry

USER = "65532"
"""The nonroot user of the distroless images."""
STOP_TIMEOUT = 35
"""Seconds between SIGTERM and SIGKILL: services drain within 30. Fargate allows 120 at most."""


@dataclass(frozen=True, kw_only=True)
class Logs:
    """Where a container's output goes."""

    group: Input[str]
    region: str


def definition(
    entry: Entry,
    *,
    image: Input[str],
    environment: Mapping[str, Input[str]],
    secrets: Mapping[str, Input[str]],
    logs: Logs,
    probe: bool,
) -> dict[str, Any]:
    """The container definition of a catalogue entry.

    Everything that ECS would fill in is written out and every list is sorted by name: what differs from ECS's own
    normal form shows as a replacement in each preview.
    """
    container: dict[str, Any] = {
        "name": entry.name,
        "image": image,
        "essential": True,
        "user": USER,
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "stopTimeout": STOP_TIMEOUT,
        "portMappings": [
            {
                "name": entry.protocol,
                "containerPort": entry.port,
                "hostPort": entry.port,
                "protocol": "tcp",
                # Cannot be changed later; without it Service Connect balances connections, not gRPC calls.
                "appProtocol": entry.protocol,
            }
        ],
        "environment": _sorted_by_name(environment, "value"),
        "secrets": _sorted_by_name(secrets, "valueFrom"),
        "logConfiguration": _awslogs(logs),
    }
    if probe:
        # Exec form: the image has no shell.
        container["healthCheck"] = {
            "command": ["CMD", "/service", "-healthcheck"],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 10,
        }
    return container


def _awslogs(logs: Logs) -> dict[str, Any]:
    """Non-blocking: a log outage must not stop the service. 25 MiB of lines wait in memory, then the oldest are lost.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    """
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": logs.group,
            "awslogs-region": logs.region,
            "awslogs-stream-prefix": "task",
            "max-buffer-size": "25m",
            "mode": "non-blocking",
        },
    }


def _sorted_by_name(values: Mapping[str, Input[str]], key: str) -> list[dict[str, Input[str]]]:
    return [{"name": name, key: values[name]} for name in sorted(values)]
