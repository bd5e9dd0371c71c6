"""The log streams of a task's containers."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws import iam
from simulator.aws.start.task import Task, start


def groups(task: Task) -> list[str]:
    """The names of the log groups."""
    options = [each.get("logConfiguration", {}).get("options", {}) for each in task.containers]
    return [each.get("awslogs-group") for each in options]


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html")
def log_groups_exist(task: Task) -> Iterator[str]:
    """Each log group exists."""
    for name in groups(task):
        if not task.request.visible(types.LOG_GROUP, name=name):
            yield f"ResourceInitializationError: failed to validate logger args: the log group {name} does not exist"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html")
def may_write(task: Task) -> Iterator[str]:
    """The execution role may create log streams and write to them."""
    for name in groups(task):
        for group in task.request.visible(types.LOG_GROUP, name=name):
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                if not iam.allows(task.request, task.role, action, f"{group.properties['arn']}:*"):
                    yield f"ResourceInitializationError: {task.role} is not authorized to perform {action} on {name}"
