"""What a container runs: the image has /service and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.aws.start.task import Task, is_service, start

BINARY = "/service"
"""The entry point of image/Dockerfile, and its only executable."""
USERS = {"root", "nobody", "nonroot"}
GROUPS = {*USERS, "tty", "staff"}
"""The names in the passwd and group files of the base image:
https://github.com/GoogleContainerTools/distroless/blob/main/common/variables.bzl"""
STOPPED = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"


@start("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html")
def health_checks_can_run(task: Task) -> Iterator[str]:
    """A container's health check is a command that its image has: the images of services have no shell."""
    for container in filter(is_service, task.containers):
        kind, *command = container.get("healthCheck", {}).get("command") or ["NONE"]
        failed = f"the health check of {container['name']} always fails, so the task is stopped as unhealthy"
        if kind == "CMD-SHELL":
            yield f"{failed}: the image has no shell for CMD-SHELL. Use CMD with {BINARY} -healthcheck."
        elif kind == "CMD" and command:
            if command[0] != BINARY:
                yield f"{failed}: the image has no {command[0]}, only {BINARY}"
            elif {"-healthcheck", "--healthcheck"}.isdisjoint(command):
                yield f"{failed}: {BINARY} asks the running process only with -healthcheck"


# https://github.com/aws/amazon-ecs-agent/issues/2954
@start(STOPPED, confirmed="recorded answer")
def entry_points_exist(task: Task) -> Iterator[str]:
    """A container's entry point is an executable of its image."""
    for container in filter(is_service, task.containers):
        entry_point = container.get("entryPoint") or [BINARY]
        if entry_point[0] != BINARY:
            yield (
                f"CannotStartContainerError: {container['name']}: the image has no {entry_point[0]}, only {BINARY}:"
                " exec: no such file or directory"
            )


# https://github.com/aws/aws-parallelcluster/pull/6498
@start(STOPPED, confirmed="recorded answer")
def users_exist(task: Task) -> Iterator[str]:
    """A container's user and group are numbers, or names that the image has."""
    for container in filter(is_service, task.containers):
        user, _, group = container.get("user", "0").partition(":")
        for kind, name, known in (("user", user, USERS), ("group", group or "0", GROUPS)):
            if not re.fullmatch(r"\d{1,10}", name) and name not in known:
                yield f"CannotStartContainerError: {container['name']}: unable to find {kind} {name} in the image"
            elif name.isdigit() and int(name) > 2**31 - 1:
                yield f"CannotStartContainerError: {container['name']}: {kind} {name} is above {2**31 - 1}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html")
def mount_points_have_a_path(task: Task) -> Iterator[str]:
    """A container's mount points have absolute paths."""
    for container in task.containers:
        for each in container.get("mountPoints", []):
            if not (path := each.get("containerPath", "")).startswith("/"):
                yield (
                    f"CannotCreateContainerError: {container['name']}: invalid mount path: {path!r} mount path must be"
                    " absolute"
                )
