"""`restart`: replaces the tasks of a service by tasks of the same revision."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from config.problems import UserError
from ops import ecs, service
from ops.action import Action
from ops.cloud import Cloud

PERMISSIONS = (*ecs.PERMISSIONS, "ecs:UpdateService")


def prepare(cloud: Cloud, stack: str, name: str, root: Path) -> Action:
    """Reads the service and decides; changes nothing. Raises UserError."""
    found = service.find(cloud, stack, name, root)
    running = found.running
    if running.is_in_progress:
        raise UserError(
            f"{found.subject}: rollout in progress ({found.state}). Wait for it to complete, or end it:"
            f" {cloud.verb(f'stop-rollout {stack} {name}')}"
        )

    return Action(
        verb="restart",
        subject=found.subject,
        plan=(
            f"{found.subject}: {found.state}.",
            f"ECS would start new tasks of {running.revision} and then stop the {running.tasks} that run; a task starts"
            " with the current versions of its secrets. If the new tasks fail, ECS keeps the old ones.",
            *found.warnings,
        ),
        question=f"Replace the tasks of {found.subject}?",
        follow_up=(
            f"{found.subject}: a new deployment of {running.revision} was started. The next update keeps it.",
            f"Follow it: {cloud.verb(f'status {stack}')}",
        ),
        details={"revision": running.revision, "desired": running.desired},
        perform=partial(found.update, forceNewDeployment=True),
    )
