"""`scale`: sets the number of tasks of a service, within the bounds of the stack file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from config import load, stackfile
from config.problems import UserError
from config.stackfile import KEY
from ecs.fargate import Size
from ops import ecs, service
from ops.action import Action
from ops.cloud import Cloud

PERMISSIONS = (*ecs.PERMISSIONS, "ecs:UpdateService")


def prepare(cloud: Cloud, stack: str, name: str, tasks: int, root: Path) -> Action:
    """Reads the service and the stack file and decides; changes nothing. Raises UserError."""
    configuration = load.stack_file(root, stack)
    found = service.find(cloud, stack, name, root)
    file = stackfile.name(stack)
    if name not in configuration.services:
        raise UserError(f"{file}: does not run {name}. Deploy the file first: {cloud.update}{stack}")
    size = configuration.settings.size(configuration.catalogue[name])
    if not size.min <= tasks <= size.max:
        raise UserError(
            f"{found.subject}: {tasks} tasks are outside of the bounds of {file}, {size.min} to {size.max}. Change"
            f" {KEY}.sizes.{name} there, then deploy it: {cloud.update}{stack}"
        )

    desired = found.running.desired
    return Action(
        verb="scale",
        subject=found.subject,
        plan=(
            f"{found.subject}: {found.state}.",
            f"ECS would run {tasks} tasks instead of {desired}; no other task is replaced."
            if tasks != desired
            else f"The desired count is {tasks} already: nothing to do.",
            _lasts(size),
            *found.warnings,
        ),
        question=f"Set the desired count of {found.subject} to {tasks}?" if tasks != desired else "",
        follow_up=(f"Follow it: {cloud.verb(f'status {stack}')}",),
        details={"before": desired, "after": tasks, "min": size.min, "max": size.max},
        perform=partial(found.update, desiredCount=tasks),
    )


def _lasts(size: Size) -> str:
    """How long the number stays."""
    if size.min < size.max:
        return (
            f"The next update keeps the number; Application Auto Scaling may change it at any time, between {size.min}"
            f" and {size.max}, by load."
        )
    return (
        f"The service does not scale by load: the next update with a refresh sets {size.min}, as the stack file does."
    )
