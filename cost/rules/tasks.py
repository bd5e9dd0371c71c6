"""Tasks on Fargate. https://aws.amazon.com/fargate/pricing/"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cost.charge import Charge, Found, Usage, hourly, number
from cost.deployment import Deployment, Resource
from ecs import types
from ecs.fargate import CPU_ARCHITECTURE

INCLUDED = 20
"""GB of ephemeral storage in the price of a task."""
RUNS = "runs of jobs, migrations and debug tasks"
TASKS = "tasks"


def service(resource: Resource, stack: Deployment) -> Found:
    """Its tasks, between the smallest and the largest number that its scaling allows.

    On FARGATE_SPOT runs the share that the strategy's weights say, which ECS rounds to whole tasks.
    """
    definition = stack.referenced(resource, "taskDefinition", types.TASK_DEFINITION)
    if definition is None:
        return
    least, most = _numbers(resource, stack)
    spot = _spot(resource)
    for capacity, share in (("fargate", 1 - spot), ("fargate-spot", spot)):
        if share:
            yield from _tasks(_name(resource), definition, capacity, share * least, share * most, spot)
    network: dict[str, Any] = resource.inputs.get("networkConfiguration") or {}
    if network.get("assignPublicIp"):
        yield hourly("public addresses", "public-ipv4", least, most, of=_name(resource))


def _tasks(name: str, definition: Resource, capacity: str, least: float, most: float, spot: float) -> Iterator[Charge]:
    kind = f"{capacity}/{_architecture(definition)}"
    storage: dict[str, Any] = definition.inputs.get("ephemeralStorage") or {}
    more = max(0, number(storage.get("sizeInGib")) - INCLUDED)
    units = {f"{kind}/vcpu": _vcpu(definition), f"{kind}/gb": _gb(definition), "fargate/storage": more}
    for item, each in units.items():
        if each:
            yield hourly(TASKS, item, least * each, most * each, detail=_detail(definition, spot), of=name)


def definition(resource: Resource, stack: Deployment) -> Found:
    """Nothing for that of a service. The tasks of a job and of a migration are billed while they run."""
    if stack.referring(resource, "taskDefinition", types.SERVICE) is None:
        architecture = _architecture(resource)
        yield Usage(thing=RUNS, item=f"fargate/{architecture}/vcpu")
        yield Usage(thing=RUNS, item=f"fargate/{architecture}/gb")


def cluster(resource: Resource, _: Deployment) -> Found:
    """Container Insights takes metrics by service, task family and cluster; AWS publishes no fixed number of them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
    """
    settings: list[dict[str, Any]] = resource.inputs.get("settings") or []
    if any(each.get("name") == "containerInsights" and each.get("value") != "disabled" for each in settings):
        yield Usage(thing="metrics of Container Insights", item="metric")


def schedule(_: Resource, __: Deployment) -> Found:
    """https://aws.amazon.com/eventbridge/pricing/"""
    yield Usage(thing="starts by schedules", item="schedule/starts")


def _name(service: Resource) -> str:
    return service.component or service.name


def _numbers(service: Resource, stack: Deployment) -> tuple[float, float]:
    """The smallest and the largest number of tasks."""
    target = stack.referring(service, "resourceId", types.SCALING_TARGET)
    if target:
        return number(target.inputs.get("minCapacity")), number(target.inputs.get("maxCapacity"))
    desired = number(service.inputs.get("desiredCount"), 1)
    return desired, desired


def _spot(service: Resource) -> float:
    """The share of the tasks on FARGATE_SPOT, from 0 to 1."""
    strategy: list[dict[str, Any]] = service.inputs.get("capacityProviderStrategies") or []
    weights = {str(each.get("capacityProvider")): number(each.get("weight")) for each in strategy}
    total = sum(weights.values())
    return weights.get("FARGATE_SPOT", 0) / total if total else 0


def _detail(definition: Resource, spot: float) -> str:
    size = f"{_vcpu(definition):g} vCPU, {_gb(definition):g} GB, {_architecture(definition)}"
    return f"{size}, {spot:.0%} Spot" if spot else size


def _vcpu(definition: Resource) -> float:
    return number(definition.inputs.get("cpu")) / 1024


def _gb(definition: Resource) -> float:
    return number(definition.inputs.get("memory")) / 1024


def _architecture(definition: Resource) -> str:
    platform: dict[str, Any] = definition.inputs.get("runtimePlatform") or {}
    names = {value: key for key, value in CPU_ARCHITECTURE.items()}
    return names.get(str(platform.get("cpuArchitecture")), "x86-64")
