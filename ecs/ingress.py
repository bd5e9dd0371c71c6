"""The domain of the load balancer and the health check of its target group."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Domain:
    """The public name of the load balancer, in a hosted zone of the same account."""

    name: str
    zone_id: str


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """The health check of a target group: interval and timeout in seconds, thresholds in consecutive checks.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """

    interval: int
    timeout: int
    healthy: int
    unhealthy: int
