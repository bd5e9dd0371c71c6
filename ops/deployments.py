"""Reads service deployments from ECS: how the rollouts of a service ended.

ECS lists those of the last 90 days and none from before 25 October 2024.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/view-service-deployment.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.ecs import Ecs, batches, short

SUCCESSFUL = "SUCCESSFUL"
GOING_BACK = ("STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""The states of a deployment that ECS ends."""
FAILED = (*GOING_BACK, "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
"""The states of a deployment that failed, or that somebody stopped.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html (status)"""
UNFINISHED = ("PENDING", "IN_PROGRESS")
"""The states of a deployment that can be stopped.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html"""
AWAITING = "AWAITING_ACTION"
"""The status of a lifecycle hook at which a deployment waits for a person.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentLifecycleHookDetail.html"""
MAX_REVISIONS = 20
"""Revisions per request: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServiceRevisions.html"""


@dataclass(frozen=True, kw_only=True)
class ServiceDeployment:
    arn: str
    status: str
    reason: str
    """ECS's own sentence; often empty."""
    created: datetime
    finished: datetime | None
    target: str = ""
    """The ARN of the service revision that it deploys."""

    @property
    def has_failed(self) -> bool:
        return self.status in FAILED


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A lifecycle hook at which a deployment pauses, or paused.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    """

    id: str
    status: str
    """AWAITING, IN_PROGRESS, SUCCEEDED, FAILED or TIMED_OUT."""
    expires: datetime | None
    """When ECS goes back to the former revision."""


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
    alarms: tuple[str, ...] = ()
    """The alarms that ended it."""
    stage: str = ""
    """The lifecycle stage in which it is or ended, such as BAKE_TIME; empty if ECS names none."""
    hooks: tuple[Hook, ...] = ()
    """Those at which it pauses, or paused."""

    @property
    def waits(self) -> Hook | None:
        """The hook at which it waits for a person; None if it waits for none."""
        return next((each for each in self.hooks if each.status == AWAITING), None)


def last(ecs: Ecs, *, cluster: str, service: str) -> ServiceDeployment | None:
    """The service's newest deployment; None if ECS has none of the last 90 days."""
    return next(iter(listed(ecs, cluster=cluster, service=service)), None)


def listed(ecs: Ecs, *, cluster: str, service: str, statuses: Collection[str] = ()) -> list[ServiceDeployment]:
    """The service's deployments with one of these statuses, or all of them, newest first: the API names no order.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html
    """
    request: dict[str, Any] = {"cluster": cluster, "service": service}
    if statuses:
        request["status"] = sorted(statuses)
    found: list[dict[str, Any]] = []
    while True:
        page = ecs.list_service_deployments(**request)
        found += page["serviceDeployments"]
        if not page.get("nextToken"):
            break
        request["nextToken"] = page["nextToken"]
    return [_brief(each) for each in sorted(found, key=lambda each: each["createdAt"], reverse=True)]


def _brief(found: dict[str, Any]) -> ServiceDeployment:
    return ServiceDeployment(
        arn=found["serviceDeploymentArn"],
        status=found["status"],
        reason=found.get("statusReason", ""),
        created=found["createdAt"],
        finished=found.get("finishedAt"),
        target=found.get("targetServiceRevisionArn", ""),
    )


def definitions(ecs: Ecs, revisions: Iterable[str]) -> Mapping[str, str]:
    """The ARN of the task definition of each service revision, by its ARN; without those that ECS has deleted."""
    found: dict[str, str] = {}
    for arns in batches(list(dict.fromkeys(revisions)), MAX_REVISIONS):
        described = ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
        found |= {each["serviceRevisionArn"]: each["taskDefinition"] for each in described}
    return found


def detail(ecs: Ecs, deployment: ServiceDeployment) -> Detail:
    found = ecs.describe_service_deployments(serviceDeploymentArns=[deployment.arn])["serviceDeployments"][0]
    target: str = found.get("targetServiceRevision", {}).get("arn", "")
    rollback: dict[str, Any] = found.get("rollback", {})
    breaker: dict[str, Any] = found.get("deploymentCircuitBreaker", {})
    former: str = rollback.get("serviceRevisionArn", "")
    known = definitions(ecs, sorted({target, former} - {""}))
    return Detail(
        revision=short(known.get(target, "")),
        former=short(known.get(former, "")),
        rollback_reason=rollback.get("reason", ""),
        failures=breaker.get("failureCount", 0),
        threshold=breaker.get("threshold", 0),
        alarms=tuple(found.get("alarms", {}).get("triggeredAlarmNames", [])),
        stage=found.get("lifecycleStage", ""),
        hooks=tuple(_hook(each) for each in found.get("lifecycleHookDetails", []) if each.get("targetType") == "PAUSE"),
    )


def _hook(found: dict[str, Any]) -> Hook:
    return Hook(id=found["hookId"], status=found["status"], expires=found.get("expiresAt"))
