"""The container definitions of services and jobs, in the normalized form that ECS returns.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pulumi import Input

Protocol = Literal["grpc", "http"]

USER = "65532"
"""The user id `nonroot` of the distroless images: https://github.com/GoogleContainerTools/distroless"""
STOP_TIMEOUT = 35
"""Seconds between SIGTERM and SIGKILL. Services drain within 30; Fargate allows 120 at most."""

CHECK = ["/service", "-healthcheck"]
"""Exits with 0 if the service is healthy: docs/services.md."""
MIGRATE = ["-migrate"]
"""Brings the schema of the database to what the image needs, and ends: docs/howto/migrations.md."""
MIGRATION = "migrate"
"""The beginning of the names of a migration's log streams."""
MIGRATED = "-migrated"
"""The end of the logical name of the parameter whose hook runs a migration, after the name of the service."""
DEBUG = "debug"
"""The name of the only container of a debug task. Policies allow `ecs:ExecuteCommand` by it: docs/howto/debug.md."""
GATE = "start_gate"
"""The name of the container that waits for the service. No service can have it, as it has an underscore."""
START_TIMEOUT = 60
"""Seconds for the service to become healthy; then ECS stops the task. The health check has failed for good after 55.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""
TEMPORARY = "tmp"
"""The volume at /tmp, in the task's ephemeral storage, of which every task has 20 GiB. Its owner and mode are those
that image/Dockerfile gives /tmp. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html"""


@dataclass(frozen=True, kw_only=True)
class Logs:
    """The CloudWatch log group of a container."""

    group: Input[str]
    region: str


def process(
    name: str,
    *,
    image: Input[str],
    environment: Mapping[str, Input[str]],
    secrets: Mapping[str, Input[str]],
    logs: Logs,
) -> dict[str, Any]:
    """The container definition of a process that nobody connects to.

    All defaults are explicit and every list is sorted by name: a difference from the form that ECS returns would show
    as a replacement in each preview.
    """
    return {
        "name": name,
        "image": image,
        "essential": True,
        "user": USER,
        "readonlyRootFilesystem": True,
        # For files that Go's standard library and SDKs write, such as a large upload.
        "mountPoints": [{"sourceVolume": TEMPORARY, "containerPath": "/tmp", "readOnly": False}],
        # ECS returns `add`, too, and the provider would take its absence for a change:
        # https://github.com/braintrustdata/terraform-aws-braintrust-data-plane/pull/335
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}, "initProcessEnabled": True},
        "stopTimeout": STOP_TIMEOUT,
        "environment": _sorted_by_name(environment, "value"),
        "secrets": _sorted_by_name(secrets, "valueFrom"),
        "logConfiguration": {"logDriver": "awslogs", "options": log_options(logs, stream_prefix="task")},
    }


def definition(process: dict[str, Any], *, port: int, protocol: Protocol, probe: bool) -> dict[str, Any]:
    """The container definition of a service."""
    container: dict[str, Any] = {
        **process,
        "portMappings": [
            {
                "name": protocol,
                "containerPort": port,
                "hostPort": port,
                "protocol": "tcp",
                # Cannot be changed later. Without it Service Connect balances connections, not gRPC calls.
                "appProtocol": protocol,
            }
        ],
    }
    if probe:
        # Exec form: the image has no shell.
        container["healthCheck"] = {
            "command": ["CMD", *CHECK],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 10,
        }
    return container


def gated(service: dict[str, Any], port: Mapping[str, str]) -> list[dict[str, Any]]:
    """The container of a service with a health check, and one that starts when it is healthy, checks it and ends.

    A task runs, and callers see it, once all of its containers have started:
    docs/adr/0015-callers-see-healthy-tasks.md. `port` is the environment variable that tells the service its port.
    """
    gate = {
        "name": GATE,
        "image": service["image"],
        "essential": False,
        "user": USER,
        "readonlyRootFilesystem": True,
        "linuxParameters": service["linuxParameters"],
        "command": CHECK[1:],
        "dependsOn": [{"containerName": service["name"], "condition": "HEALTHY"}],
        "environment": _sorted_by_name(port, "value"),
    }
    return [{**service, "startTimeout": START_TIMEOUT}, gate]


def migration(process: dict[str, Any], environment: Mapping[str, Input[str]], logs: Logs) -> dict[str, Any]:
    """The container of a service's migration: it listens on no port, and nothing asks for its health."""
    return {
        **process,
        "command": MIGRATE,
        "environment": _sorted_by_name(environment, "value"),
        "logConfiguration": {"logDriver": "awslogs", "options": log_options(logs, stream_prefix=MIGRATION)},
    }


def toolbox(process: dict[str, Any], *, minutes: int) -> dict[str, Any]:
    """The container of a debug task: it sleeps until somebody stops it or its time is over.

    ECS Exec writes to the root file system, and runs as root whatever the user is. AWS does not say which capabilities
    it requires (https://github.com/aws/containers-roadmap/issues/1360), so the container keeps the default ones.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    return {
        **process,
        # A request to ECS replaces the command, and can replace no entry point.
        "entryPoint": ["sleep"],
        "command": [str(60 * minutes)],
        "readonlyRootFilesystem": False,
        "linuxParameters": {"initProcessEnabled": True},
    }


def log_options(logs: Logs, *, stream_prefix: str) -> dict[str, Input[str]]:
    """Non-blocking: an outage of CloudWatch Logs must not stop the service. The buffer has 25 MiB, then lines are lost.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
    """
    return {
        "awslogs-group": logs.group,
        "awslogs-region": logs.region,
        "awslogs-stream-prefix": stream_prefix,
        "max-buffer-size": "25m",
        "mode": "non-blocking",
    }


def _sorted_by_name(values: Mapping[str, Input[str]], key: str) -> list[dict[str, Input[str]]]:
    return [{"name": name, key: values[name]} for name in sorted(values)]
