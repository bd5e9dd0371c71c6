"""Logs, alarms and dashboards. https://aws.amazon.com/cloudwatch/pricing/

Ten alarms and three dashboards are free for an account, not for a stack: the estimate does not assume them.
"""

from __future__ import annotations

from typing import Any

from cost.charge import Found, Usage, monthly, number
from cost.deployment import Deployment, Resource
from cost.prices import HOURS
from ecs import types

KEPT = 0.15
"""The size of a kept log in proportion to the ingested one, as AWS's Pricing Calculator assumes it."""
DAYS = HOURS / 24
ALARMS = "alarms"


def log_group(_: Resource, stack: Deployment) -> Found:
    """The expectation is of all groups together, which keep their logs for the same days."""
    gigabytes = stack.expect.get("logs-gigabytes")
    days = max(number(each.inputs.get("retentionInDays")) for each in stack.of(types.LOG_GROUP))
    kept = None if gigabytes is None else gigabytes * KEPT * days / DAYS
    yield Usage(thing="logs, ingested", item="logs/ingested", units=gigabytes)
    yield Usage(thing="logs, kept", item="logs/kept", units=kept)


def alarm(resource: Resource, stack: Deployment) -> Found:
    """An alarm on an expression is billed for each metric in it."""
    queries: list[dict[str, Any]] = resource.inputs.get("metricQueries") or []
    metrics = sum("metric" in each for each in queries)
    yield monthly(ALARMS, "alarm", metrics or 1, of=_service(resource, stack))


def scaling_policy(resource: Resource, stack: Deployment) -> Found:
    """Target tracking creates an alarm to add tasks and one to remove them, which are not in Pulumi's state.

    https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
    """
    yield monthly(ALARMS, "alarm", 2, of=_service(resource, stack))


def _service(resource: Resource, stack: Deployment) -> str:
    """The service that it belongs to; empty for what belongs to the whole stack."""
    return resource.component if resource.component in {each.component for each in stack.of(types.SERVICE)} else ""


def dashboard(_: Resource, __: Deployment) -> Found:
    yield monthly("the dashboard", "dashboard")


def subscription(resource: Resource, _: Deployment) -> Found:
    if resource.inputs.get("protocol") == "email":
        yield Usage(thing="e-mails of alarms", item="topic/emails")
