"""Health checks that are switched off, by resource type."""

from __future__ import annotations

from ecs import types
from review.changes.concerns.concern import Check, Checks, Finding, containers
from review.deployment.state import Properties

MINIMUM_HEALTHY = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"


def _health_check(before: Properties, after: Properties) -> Finding:
    old, new = (
        {name: each.get("healthCheck") for name, each in containers(definition).items()}
        for definition in (before, after)
    )
    if not any(check and name in new and not new[name] for name, check in old.items()):
        return None
    return (
        "no health check: a task counts as healthy 40 seconds after its start, so that a rollout takes longer and the"
        " circuit breaker does not see a service that runs but does not work"
    )


CHECKS: Checks = {
    types.TASK_DEFINITION: (
        Check(topic="protection", severity="warning", finding=_health_check, source=MINIMUM_HEALTHY),
    ),
}
