"""The names by which a task calls other services."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws import ecs_service_connect
from simulator.aws.start.task import Task, start, variables


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html")
def callees_are_in_the_namespace(task: Task) -> Iterator[str]:
    """Each callee that the environment names is in the namespace when the task starts."""
    namespace = ecs_service_connect.namespace(task.service)
    known = {
        endpoint
        for other in task.request.visible(types.SERVICE)
        if namespace and ecs_service_connect.namespace(other.properties) == namespace
        for endpoint in ecs_service_connect.endpoints(other.properties)
    }
    for container in task.containers:
        for name, value in variables(container).items():
            if name.endswith("_SERVICE") and value not in known:
                missing = "was not in the namespace when the task started" if namespace else "needs Service Connect"
                yield f"{name}: {value} {missing}"
