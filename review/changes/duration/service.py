"""How long ECS takes to deploy a service on Fargate and to stop its tasks, from the settings of the stack.

Not counted, as no figure was found: the proxy of Service Connect, which starts before the service, and the polls of ECS
and the provider. Nor the functions and pauses of lifecycle hooks, which last as long as they like.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from ecs import types
from review.changes.duration.wait import Wait
from review.deployment.state import Properties, Resource, State
from simulator.cloud import REDACTED

ECS = "https://docs.aws.amazon.com/AmazonECS/latest"
CONFIGURATION = f"{ECS}/APIReference/API_DeploymentConfiguration.html"

START = Wait(
    what="Fargate starts the tasks",
    seconds=35,
    source="11 to 44 s for the network interface: https://github.com/opensearch-project/opensearch-migrations/pull/2116;"
    " a guess of 7 s to pull an image of 12 MB and to start it",
    weak=True,
)
RUN = Wait(what="the task runs", seconds=15, source="a guess; it is the image's own work", weak=True)
"""Of a migration or of the job `logins`."""
UNCHECKED = Wait(what="ECS waits as nothing checks the tasks", seconds=40, source=CONFIGURATION)
DEREGISTRATION_DELAY = 300
"""Seconds: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html"""
INTERVAL = 30
"""Seconds: AWS's default of both health checks."""
STOP_TIMEOUT = 30
"""Seconds: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"""
CANARY_BAKE, STEP_PERCENT, STEP_BAKE = 10, 10.0, 6
"""Minutes, percent and minutes: the defaults of API_CanaryConfiguration.html and API_LinearConfiguration.html."""


def deployment(state: State, service: Resource, *, replaces: bool) -> tuple[Wait, ...]:
    """Until ECS says that the deployment is successful. `replaces`: whether tasks of a former revision run.

    A rolling deployment is successful once the former tasks have stopped and the bake time is over:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/early-success-criteria.html
    """
    strategy = str(_configuration(service).get("strategy", "ROLLING"))
    waves = _waves(service.inputs) if replaces and strategy == "ROLLING" else 1
    one = (START, _healthy(state, service), *(stopping(state, service) if replaces else ()))
    bakes = _alarms(state, service) if strategy == "ROLLING" else _shifts(_configuration(service), strategy)
    return (*one * waves, *bakes)


def stopping(state: State, service: Resource) -> tuple[Wait, ...]:
    """Until the tasks have stopped: at most, as a task without open calls stops at once."""
    delays = [_number(each.inputs, "deregistrationDelay", DEREGISTRATION_DELAY) for each in _targets(state, service)]
    timeouts = [_number(each, "stopTimeout", STOP_TIMEOUT) for each in _containers(state, service)]
    drained = Wait(
        what="former tasks leave the load balancer",
        seconds=max(delays, default=0),
        source=f"{ECS}/developerguide/load-balancer-connection-draining.html",
    )
    stopped = Wait(
        what="former tasks stop",
        seconds=max(timeouts, default=STOP_TIMEOUT),
        source=f"{ECS}/APIReference/API_ContainerDefinition.html",
    )
    return (*((drained,) if delays else ()), stopped)


def _healthy(state: State, service: Resource) -> Wait:
    """The slower one of the health checks of the container and of the load balancer: they run side by side.

    One success suffices: of a target that is new whatever the healthy threshold, and of a container within its start
    period, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html.
    """
    checks = [each["healthCheck"] for each in _containers(state, service) if each.get("healthCheck")]
    found = [
        *(
            Wait(
                what="the container's first health check",
                seconds=_number(each, "interval", INTERVAL),
                source=f"{ECS}/APIReference/API_HealthCheck.html",
            )
            for each in checks
        ),
        *(
            Wait(
                what="the load balancer's first health check",
                seconds=_number(each.inputs.get("healthCheck", {}), "interval", INTERVAL),
                source=f"{ECS}/developerguide/load-balancer-healthcheck.html",
            )
            for each in _targets(state, service)
        ),
    ]
    return max(found, key=lambda each: each.seconds, default=UNCHECKED)


def _waves(inputs: Properties) -> int:
    """The number of times that ECS starts and stops tasks, which two limits in percent of the desired tasks decide.

    ECS rounds the lower limit up and the upper one down: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
    """
    desired = _number(inputs, "desiredCount", 1)
    least = math.ceil(desired * _number(inputs, "deploymentMinimumHealthyPercent", 100) / 100)
    most = math.floor(desired * _number(inputs, "deploymentMaximumPercent", 200) / 100)
    return max(1, math.ceil(desired / max(1, most - least)))


def _alarms(state: State, service: Resource) -> Iterator[Wait]:
    """The bake time of a rolling deployment: the longest evaluation of an alarm, which AWS does not document."""
    if not service.inputs.get("alarms", {}).get("enable"):
        return
    found = state.referenced(service, "alarms", types.METRIC_ALARM)
    if seconds := max(
        (_period(each.inputs) * _number(each.inputs, "evaluationPeriods", 1) for each in found), default=0
    ):
        yield Wait(
            what="ECS watches the deployment alarms",
            seconds=seconds,
            source=f"{ECS}/developerguide/deployment-alarm-failure.html, without a number; the evaluation time of the"
            " slowest alarm: https://github.com/aws/copilot-cli/pull/4294",
            weak=True,
        )


def _period(alarm: Properties) -> int:
    """Seconds, of the metric or of those of an expression."""
    queries: list[Properties] = alarm.get("metricQueries") or []
    return max(_number(each, "period", 0) for each in (alarm, *(query.get("metric") or {} for query in queries)))


def _shifts(configuration: Properties, strategy: str) -> Iterator[Wait]:
    """The waits between the shifts of traffic and after the last one, of any strategy but the rolling one."""
    if strategy == "CANARY":
        canary: Properties = configuration.get("canaryConfiguration") or {}
        yield _minutes("the canary serves", _number(canary, "canaryBakeTimeInMinutes", CANARY_BAKE))
    if strategy == "LINEAR":
        linear: Properties = configuration.get("linearConfiguration") or {}
        steps = math.ceil(100 / float(linear.get("stepPercent", STEP_PERCENT)))
        yield _minutes("traffic shifts in steps", (steps - 1) * _number(linear, "stepBakeTimeInMinutes", STEP_BAKE))
    yield _minutes("both revisions run", _number(configuration, "bakeTimeInMinutes", 0))


def _minutes(what: str, number: int) -> Wait:
    return Wait(what=what, seconds=60 * number, source=CONFIGURATION)


def _configuration(service: Resource) -> Properties:
    return service.inputs.get("deploymentConfiguration") or {}


def _targets(state: State, service: Resource) -> list[Resource]:
    return state.referenced(service, "loadBalancers", types.TARGET_GROUP)


def _containers(state: State, service: Resource) -> list[Properties]:
    """Those that run as long as the task."""
    found = state.referenced(service, "taskDefinition", types.TASK_DEFINITION)
    containers: Any = found[0].inputs.get("containerDefinitions", []) if found else []
    return [] if containers == REDACTED else [each for each in containers if each.get("essential", True)]


def _number(values: Properties, key: str, default: int) -> int:
    """Some are strings in the provider's schema."""
    value: Any = values.get(key)
    return default if value is None else int(value)
