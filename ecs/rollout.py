"""How ECS replaces the tasks of a service: the deployment strategies, and how long and how many tasks they take.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal

StrategyName = Literal["rolling", "blue-green", "canary", "linear"]
NAMES: Mapping[StrategyName, str] = {
    "rolling": "ROLLING",
    "blue-green": "BLUE_GREEN",
    "canary": "CANARY",
    "linear": "LINEAR",
}
"""The name that ECS uses for each strategy."""
USES: Mapping[StrategyName, frozenset[str]] = {
    "rolling": frozenset(),
    "blue-green": frozenset({"bake_minutes", "approve_minutes"}),
    "canary": frozenset({"bake_minutes", "approve_minutes", "percent", "step_minutes"}),
    "linear": frozenset({"bake_minutes", "approve_minutes", "percent", "step_minutes"}),
}
"""The values that a strategy has, beside its name."""

MOST_MINUTES = 1440
"""The limit of each time. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html"""
LEAST_PERCENT: Mapping[StrategyName, float] = {"canary": 0.1, "linear": 3}
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CanaryConfiguration.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html"""
PERCENT: Mapping[StrategyName, float] = {"canary": 5, "linear": 10}
STEP_MINUTES: Mapping[StrategyName, int] = {"canary": 10, "linear": 6}
"""AWS's defaults, as of LEAST_PERCENT."""

APPROVE_MINUTES = 20
"""The default. AWS's is 1,440, longer than a job of CI may run: tests/program/test_timeouts.py."""
APPROVAL_STAGE = "POST_TEST_TRAFFIC_SHIFT"
"""Where a deployment waits for approval: the new tasks answer test requests, and no other ones. It is passed once; the
other stage before the traffic, PRE_PRODUCTION_TRAFFIC_SHIFT, before each part of it. docs/adr/0020-strategies.md"""

LIMIT = 20
"""Minutes for ECS to start the tasks and to stop the former ones, or to roll back: the provider's limit for a rollout.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/service.go"""


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """The deployment strategy of one service."""

    name: StrategyName
    bake_minutes: int = 0
    """For which the former tasks run on after all traffic is shifted."""
    percent: float = 100
    """Of the traffic: the first part of a canary deployment, or each part of a linear one."""
    step_minutes: int = 0
    """Between two parts."""
    approve_minutes: int = 0
    """For which ECS waits for a person to approve the new tasks before it shifts traffic to them; 0: it does not."""

    @property
    def is_rolling(self) -> bool:
        return self.name == "rolling"

    @property
    def has_breaker(self) -> bool:
        """Whether the circuit breaker ends a deployment whose tasks do not start. AWS promises it for two strategies.

        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
        """
        return self.name in ("rolling", "blue-green")

    @property
    def steps(self) -> int:
        """The times that ECS waits before the last part of the traffic is shifted."""
        if self.name == "canary":
            return 1
        return ceil(100 / self.percent) - 1 if self.name == "linear" else 0

    @property
    def least_minutes(self) -> int:
        """For which the former and the new tasks run side by side at least. ECS does not wait after the last part.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LinearConfiguration.html
        """
        return self.steps * self.step_minutes + self.bake_minutes

    @property
    def limit_minutes(self) -> int:
        """After which an update stops waiting for ECS."""
        return LIMIT + self.least_minutes + self.approve_minutes

    def most_tasks(self, tasks: int) -> int:
        """While a service of so many tasks is rolled out: the former ones and as many new ones."""
        return 2 * tasks
