"""The pull of a task's images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs.iam import PULL_ACTIONS
from ecs.image import REFERENCE, Reference
from simulator.aws import ecr, iam
from simulator.aws.start.task import Task, start


def references(task: Task) -> list[Reference]:
    """The images by digest in private registries; the simulator knows no others."""
    return [Reference.parse(each["image"]) for each in task.containers if re.fullmatch(REFERENCE, each["image"])]


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def may_pull(task: Task) -> Iterator[str]:
    """The execution role may pull each image."""
    for image in references(task):
        required = {"ecr:GetAuthorizationToken": "*", **dict.fromkeys(PULL_ACTIONS, image.repository.arn)}
        for action, resource in required.items():
            if not iam.allows(task.request, task.role, action, resource):
                yield f"CannotPullContainerError: {task.role} is not authorized to perform {action} on {resource}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html")
def images_exist(task: Task) -> Iterator[str]:
    """Each image exists, and its repository's policy lets another account pull it."""
    for image in references(task):
        for error in ecr.pull_errors(task.request, image):
            yield f"CannotPullContainerError: {error}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html")
def images_run_on_the_platform(task: Task) -> Iterator[str]:
    """Each image is built for the task's architecture."""
    for image in references(task):
        if (built := ecr.platform(task.request.cloud.store, image)) not in (None, task.platform):
            yield f"CannotPullContainerError: {image} was built for {built}, not for {task.platform}"
