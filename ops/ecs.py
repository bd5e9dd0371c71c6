"""Reads services from ECS. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/

Requires PERMISSIONS in the account of the stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

PERMISSIONS = ("ecs:DescribeServices", "ecs:DescribeTaskDefinition")
MAX_SERVICES = 10
"""Services per DescribeServices request: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""


class Ecs(Protocol):
    """The methods of the boto3 client that the verbs use."""

    def describe_services(self, *, cluster: str, services: list[str]) -> Any: ...
    def describe_task_definition(self, *, taskDefinition: str) -> Any: ...  # noqa: N803, the name of boto3
    def list_tasks(self, **request: Any) -> Any: ...
    def describe_tasks(self, *, cluster: str, tasks: list[str]) -> Any: ...
    def run_task(self, **request: Any) -> Any: ...
    def execute_command(self, **request: Any) -> Any: ...
    def stop_task(self, *, cluster: str, task: str, reason: str) -> Any: ...
    def update_service(self, **request: Any) -> Any: ...
    def list_service_deployments(self, **request: Any) -> Any: ...
    def describe_service_deployments(self, **request: Any) -> Any: ...
    def describe_service_revisions(self, **request: Any) -> Any: ...
    def continue_service_deployment(self, **request: Any) -> Any: ...
    def stop_service_deployment(self, **request: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html"""

    status: str
    """PRIMARY: the newest; ACTIVE: its tasks are being replaced."""
    revision: str
    """Family and revision of the task definition, such as mrgnl-mcp:7."""
    state: str
    """IN_PROGRESS, COMPLETED or FAILED; empty if ECS reports none."""
    created: datetime
    running: int
    pending: int
    failed: int
    """The number of tasks that failed to start or became unhealthy, so far."""


@dataclass(frozen=True, kw_only=True)
class Event:
    at: datetime
    message: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """One service as ECS reports it, with the task definition of its primary deployment."""

    deployments: tuple[str, ...]
    """Status and rollout state of each deployment, such as "PRIMARY COMPLETED"; several during a rollout."""
    tasks: int
    """The number of running tasks."""
    desired: int
    """The desired number of tasks."""
    revision: str
    """Family and revision of the task definition, such as mrgnl-mcp:7."""
    image: str
    """The image of the container with the service's name; empty without one."""
    cpu_architecture: str
    """X86_64 or ARM64."""
    details: tuple[Deployment, ...] = ()
    """The deployments, in the order of `deployments`."""
    events: tuple[Event, ...] = ()
    """Newest first; ECS keeps the last 100."""
    target_groups: tuple[str, ...] = ()
    """The ARNs of the target groups of a load balancer that the tasks are in. One of two is empty between two
    deployments that shift the traffic."""
    log_group: str = ""
    """The log group of the container with the service's name; empty without one."""

    @property
    def is_in_progress(self) -> bool:
        """Whether ECS replaces tasks: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html"""
        return len(self.deployments) > 1 or any(each.endswith(" IN_PROGRESS") for each in self.deployments)

    @property
    def is_steady(self) -> bool:
        """Whether the only deployment is complete and all desired tasks run.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html
        """
        return self.deployments == ("PRIMARY COMPLETED",) and self.tasks == self.desired > 0


def running(ecs: Ecs, *, cluster: str, services: Mapping[str, str]) -> dict[str, Running]:
    """Reads services, whose ARNs `services` has by name. Services that do not exist in ECS are omitted."""
    found: dict[str, Running] = {}
    names = {arn: name for name, arn in services.items()}
    for arns in batches(sorted(names), MAX_SERVICES):
        for service in ecs.describe_services(cluster=cluster, services=arns)["services"]:
            if service["status"] == "ACTIVE" and service["deployments"]:
                name = names[service["serviceArn"]]
                found[name] = _running(ecs, name, service)
    return found


def _running(ecs: Ecs, name: str, service: dict[str, Any]) -> Running:
    deployments = sorted(service["deployments"], key=lambda each: each["status"] != "PRIMARY")
    arn: str = deployments[0]["taskDefinition"]
    revision = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    containers: dict[str, dict[str, Any]] = {each["name"]: each for each in revision["containerDefinitions"]}
    own = containers.get(name, {})
    return Running(
        deployments=tuple(f"{each['status']} {each.get('rolloutState', '')}".strip() for each in deployments),
        tasks=service["runningCount"],
        desired=service["desiredCount"],
        revision=short(arn),
        image=own.get("image", ""),
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
        cpu_architecture=revision.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64"),
        details=tuple(map(_deployment, deployments)),
        events=tuple(Event(at=each["createdAt"], message=each["message"]) for each in service.get("events", [])),
        target_groups=tuple(_target_groups(service)),
        log_group=own.get("logConfiguration", {}).get("options", {}).get("awslogs-group", ""),
    )


def _target_groups(service: dict[str, Any]) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AdvancedConfiguration.html"""
    for each in service.get("loadBalancers", []):
        shift: dict[str, str] = each.get("advancedConfiguration") or {}
        found: tuple[str | None, ...] = (each.get("targetGroupArn"), shift.get("alternateTargetGroupArn"))
        yield from filter(None, found)


def _deployment(deployment: dict[str, Any]) -> Deployment:
    return Deployment(
        status=deployment["status"],
        revision=short(deployment["taskDefinition"]),
        state=deployment.get("rolloutState", ""),
        created=deployment["createdAt"],
        running=deployment.get("runningCount", 0),
        pending=deployment.get("pendingCount", 0),
        failed=deployment.get("failedTasks", 0),
    )


def short(arn: str) -> str:
    """The last part of an ARN, such as mrgnl-mcp:7 or the ID of a task."""
    return arn.rsplit("/", 1)[-1]


def batches(values: list[str], size: int) -> Iterable[list[str]]:
    return (values[start : start + size] for start in range(0, len(values), size))
