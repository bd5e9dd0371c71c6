"""Where tasks are placed."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor

from ecs import types
from simulator.aws.ecs_service import uses_fargate
from simulator.aws.start.task import Task, start
from simulator.aws.values import number, text


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html")
def there_is_capacity(task: Task) -> Iterator[str]:
    """Tasks run on Fargate: the service or its cluster has a strategy for it, or the launch type."""
    clusters = task.request.visible(types.CLUSTER, arn=task.service.get("cluster"))
    names = {each.properties["name"] for each in clusters}
    has_default = any(
        each.properties.get("defaultCapacityProviderStrategies")
        for each in task.request.visible(types.CAPACITY_PROVIDERS)
        if each.properties["clusterName"] in names
    )
    launch_type = text(task.service.get("launchType"))
    if not uses_fargate(task.service) and not (has_default and not launch_type):
        yield (
            "unable to place a task because no container instance met all of its requirements:"
            f" the launch type is {launch_type or 'EC2, the default without a capacity provider strategy'}"
        )


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html")
def a_deployment_may_start_a_task(task: Task) -> Iterator[str]:
    """With the percentages and the count of a running service, a deployment may start or stop at least one task."""
    low = number(task.service.get("deploymentMinimumHealthyPercent", 100))
    high = number(task.service.get("deploymentMaximumPercent", 200))
    count = number(task.service.get("desiredCount"))
    if not (task.request.id and count) or low is None or high is None:
        return
    if floor(count * high / 100) <= count <= ceil(count * low / 100):
        yield (
            f"unable to place tasks: with {count} of {count} tasks running, a maximumPercent of {high}"
            f" lets it start none and a minimumHealthyPercent of {low} lets it stop none"
        )
