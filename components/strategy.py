"""What an ECS service declares of its deployment strategy. None stands for a stack file that names none: ECS rolls.

The provider keeps a configuration and a circuit breaker that are no longer declared: what a strategy does not have is
declared as switched off.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecs/service.go
"""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
from pulumi import CustomTimeouts, Input

from components.alerts import Alerts
from components.ingress import Ingress
from ecs.rollout import APPROVAL_STAGE, LIMIT, NAMES, Strategy

DRAINING = "10m"
"""For the tasks of a service that is deleted."""


def limits(strategy: Strategy | None) -> CustomTimeouts:
    """For a steady state and for draining. An update ends before its job does: tests/program/test_timeouts.py."""
    limit = f"{strategy.limit_minutes if strategy else LIMIT}m"
    return CustomTimeouts(create=limit, update=limit, delete=DRAINING)


def configuration(strategy: Strategy | None) -> aws.ecs.ServiceDeploymentConfigurationArgs | None:
    if strategy is None:
        return None
    part: dict[str, Any] = {}
    if strategy.name == "canary":
        part["canary_configuration"] = aws.ecs.ServiceDeploymentConfigurationCanaryConfigurationArgs(
            canary_percent=strategy.percent, canary_bake_time_in_minutes=str(strategy.step_minutes)
        )
    if strategy.name == "linear":
        part["linear_configuration"] = aws.ecs.ServiceDeploymentConfigurationLinearConfigurationArgs(
            step_percent=strategy.percent, step_bake_time_in_minutes=str(strategy.step_minutes)
        )
    if strategy.approve_minutes:
        part["lifecycle_hooks"] = [_pause(strategy.approve_minutes)]
    return aws.ecs.ServiceDeploymentConfigurationArgs(
        strategy=NAMES[strategy.name],
        bake_time_in_minutes=None if strategy.is_rolling else str(strategy.bake_minutes),
        **part,
    )


def _pause(minutes: int) -> aws.ecs.ServiceDeploymentConfigurationLifecycleHookArgs:
    """ECS waits for `ContinueServiceDeployment`: `python -m ops approve`. Without it, it goes back to the former tasks.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    """
    return aws.ecs.ServiceDeploymentConfigurationLifecycleHookArgs(
        target_type="PAUSE",
        lifecycle_stages=[APPROVAL_STAGE],
        timeout_configuration=aws.ecs.ServiceDeploymentConfigurationLifecycleHookTimeoutConfigurationArgs(
            timeout_in_minutes=str(minutes), action="ROLLBACK"
        ),
    )


def breaker(strategy: Strategy | None) -> aws.ecs.ServiceDeploymentCircuitBreakerArgs:
    is_on = strategy is None or strategy.has_breaker
    return aws.ecs.ServiceDeploymentCircuitBreakerArgs(enable=is_on, rollback=is_on)


def alarms(strategy: Strategy | None, alerts: Alerts | None, *, public: bool) -> aws.ecs.ServiceAlarmsArgs | None:
    """Those of the gateway, for the gateway itself: errors of a service that it calls raise them too. For such a
    service only if it shifts traffic: it has the traffic of its callers, and no metric of its own tells of errors.

    ECS rolls a deployment back when one is raised before its bake time ends, which ECS derives from the alarms if it
    rolls. One that is raised already at the start is not used.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    """
    shifts = strategy is not None and not strategy.is_rolling
    if alerts is None or not (public or (shifts and alerts.deployment_alarms)):
        return None
    return aws.ecs.ServiceAlarmsArgs(enable=True, rollback=True, alarm_names=alerts.deployment_alarms)


def load_balancers(ingress: Ingress | None, name: str, port: int) -> list[aws.ecs.ServiceLoadBalancerArgs]:
    """The container of the public service as a target. ECS keeps what it needs to shift traffic also while it rolls.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-bluegreen-to-rolling.html
    """
    if ingress is None:
        return []
    shift, advanced = ingress.shift, None
    if shift:
        advanced = aws.ecs.ServiceLoadBalancerAdvancedConfigurationArgs(
            alternate_target_group_arn=shift.target_group_arn,
            production_listener_rule=shift.production_rule_arn,
            test_listener_rule=shift.test_rule_arn,
            role_arn=shift.role_arn,
        )
    group: Input[str] | None = ingress.target_group_arn
    return [
        aws.ecs.ServiceLoadBalancerArgs(
            target_group_arn=group, container_name=name, container_port=port, advanced_configuration=advanced
        )
    ]
