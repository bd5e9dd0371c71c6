"""The pull of a task's images."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs.iam import PULL_ACTIONS
from ecs.image import REFERENCE, Reference
from simulator.aws import access, ecr
from simulator.aws.start.task import Task, start


def names(task: Task) -> list[str]:
    """The images as the containers name them, each once."""
    return list(dict.fromkeys(str(each.get("image", "")) for each in task.containers))


def references(task: Task) -> list[Reference]:
    """The images in private registries, by digest or by a tag that exists; the simulator knows no others."""
    store = task.request.cloud.store
    found = [name if re.fullmatch(REFERENCE, name) else ecr.tagged(store, name) for name in names(task)]
    return [Reference.parse(each) for each in found if each]


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def may_pull(task: Task) -> Iterator[str]:
    """The execution role may pull each image, by its own policies and by those of the image's repository."""
    if not (role := task.execution_role):
        return
    for image in references(task):
        source, store = image.repository, task.request.cloud.store
        excluded = any(ecr.pull_errors(task.request, image))
        required = {"ecr:GetAuthorizationToken": "*", **dict.fromkeys(PULL_ACTIONS, source.arn)}
        for action, resource in required.items():
            of_image = resource == source.arn and not excluded
            reason = role.refusal(
                action,
                resource,
                guards=ecr.policies(store, source) if of_image else (),
                owner=source.account if of_image else None,
                context=access.endpoint(task.request, task.subnets, "ecr.dkr" if of_image else "ecr.api"),
            )
            if reason:
                refused = f"{task.role} is not authorized to perform {action} on {resource}: {reason}"
                yield f"CannotPullContainerError: {refused}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html")
def images_exist(task: Task) -> Iterator[str]:
    """Each image exists, and its repository's policy lets another account pull it."""
    store = task.request.cloud.store
    for name in names(task):
        if ecr.is_tagged(store, name) and not ecr.tagged(store, name):
            yield f"CannotPullContainerError: {name}: not found"
    for image in references(task):
        for error in ecr.pull_errors(task.request, image):
            yield f"CannotPullContainerError: {error}"


# https://github.com/aws/containers-roadmap/issues/1120
@start(
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html",
    confirmed="recorded answer",
)
def images_run_on_the_platform(task: Task) -> Iterator[str]:
    """Each image is built for the task's architecture."""
    for image in references(task):
        if (built := ecr.platform(task.request.cloud.store, image)) not in (None, task.platform):
            yield f"CannotPullContainerError: {image} was built for {built}, not for {task.platform}"
