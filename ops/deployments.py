"""Reads service deployments from ECS: how the rollouts of a service ended. ECS keeps those of the last 90 days.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from ops.ecs import short

FAILED = ("STOP_REQUESTED", "STOPPED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL",
          "ROLLBACK_FAILED")  # fmt: skip
"""The states of a deployment that failed, or that somebody stopped.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (status)"""
UNFINISHED = ("PENDING", "IN_PROGRESS")


class Ecs(Protocol):
    """The methods of the boto3 client that this module uses."""

    def list_service_deployments(self, *, cluster: str, service: str) -> Any: ...
    def describe_service_deployments(self, *, serviceDeploymentArns: list[str]) -> Any: ...  # noqa: N803
    def describe_service_revisions(self, *, serviceRevisionArns: list[str]) -> Any: ...  # noqa: N803


@dataclass(frozen=True, kw_only=True)
class ServiceDeployment:
    arn: str
    status: str
    reason: str
    """ECS's own sentence; often empty."""
    created: datetime
    finished: datetime | None

    @property
    def has_failed(self) -> bool:
        return self.status in FAILED


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What only DescribeServiceDeployments knows."""

    revision: str
    """The revision that it deploys, such as mrgnl-mcp:7; empty if ECS has deleted it."""
    former: str = ""
    """The revision that it rolled back to; empty without a rollback."""
    rollback_reason: str = ""
    failures: int = 0
    """The failed tasks that the circuit breaker counted."""
    threshold: int = 0
    """The failed tasks that end the deployment; 0 without a circuit breaker."""
    alarms: tuple[str, ...] = field(default=())
    """The alarms that ended it."""


def last(ecs: Ecs, *, cluster: str, service: str) -> ServiceDeployment | None:
    """The service's newest deployment; None if ECS has none of the last 90 days."""
    # The API names no order. One page has up to 20 of them, which in practice are the newest.
    found: list[dict[str, Any]] = ecs.list_service_deployments(cluster=cluster, service=service)["serviceDeployments"]
    if not found:
        return None
    newest = max(found, key=lambda each: each["createdAt"])
    return ServiceDeployment(
        arn=newest["serviceDeploymentArn"],
        status=newest["status"],
        reason=newest.get("statusReason", ""),
        created=newest["createdAt"],
        finished=newest.get("finishedAt"),
    )


def detail(ecs: Ecs, deployment: ServiceDeployment) -> Detail:
    found = ecs.describe_service_deployments(serviceDeploymentArns=[deployment.arn])["serviceDeployments"][0]
    target: str = found.get("targetServiceRevision", {}).get("arn", "")
    rollback: dict[str, Any] = found.get("rollback", {})
    breaker: dict[str, Any] = found.get("deploymentCircuitBreaker", {})
    former: str = rollback.get("serviceRevisionArn", "")
    arns = sorted({target, former} - {""})
    revisions: list[dict[str, str]] = []
    if arns:
        revisions = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    definitions = {each["serviceRevisionArn"]: short(each["taskDefinition"]) for each in revisions}
    return Detail(
        revision=definitions.get(target, ""),
        former=definitions.get(former, ""),
        rollback_reason=rollback.get("reason", ""),
        failures=breaker.get("failureCount", 0),
        threshold=breaker.get("threshold", 0),
        alarms=tuple(found.get("alarms", {}).get("triggeredAlarmNames", [])),
    )
