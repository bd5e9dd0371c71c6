"""The names by which a task calls other services."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws.start.task import Task, start


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html")
def callees_are_in_the_namespace(task: Task) -> Iterator[str]:
    """Each callee that the environment names is in the namespace when the task starts."""
    namespace = task.service["serviceConnectConfiguration"]["namespace"]
    known = {
        f"{alias['dnsName']}:{alias['port']:.0f}"
        for other in task.request.visible(types.SERVICE)
        if other.properties["serviceConnectConfiguration"]["namespace"] == namespace
        for service in other.properties["serviceConnectConfiguration"].get("services", [])
        for alias in service["clientAlias"]
    }
    for container in task.containers:
        for variable in container.get("environment", []):
            if variable["name"].endswith("_SERVICE") and variable["value"] not in known:
                yield f"{variable['name']}: {variable['value']} was not in the namespace when the task started"
