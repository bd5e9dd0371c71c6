"""`stop-rollout`: ends a deployment that is in progress; ECS goes back to the revision before it."""

from __future__ import annotations

from pathlib import Path

from config.problems import UserError
from ops import ecs, history, service
from ops.action import Action
from ops.cloud import Cloud
from ops.deployments import GOING_BACK, SUCCESSFUL, UNFINISHED
from ops.history import Deployment
from ops.service import Service

PERMISSIONS = (*ecs.PERMISSIONS, *history.PERMISSIONS, "ecs:StopServiceDeployment")


def prepare(cloud: Cloud, stack: str, name: str, root: Path) -> Action:
    """Reads the service and decides; changes nothing. Raises UserError."""
    found = service.find(cloud, stack, name, root)
    with found.requesting():
        listed = history.deployments(found, [*UNFINISHED, *GOING_BACK, SUCCESSFUL])
    former = [each for each in listed if each.status == SUCCESSFUL][:1]
    current = _current(found, [each for each in listed if each.status != SUCCESSFUL], cloud)

    def perform() -> None:
        with found.requesting():
            found.ecs.stop_service_deployment(serviceDeploymentArn=current.arn, stopType="ROLLBACK")

    back = (
        f"ECS would stop the deployment of {current.revision} and go back to {former[0].revision}, whose deployment"
        " succeeded last."
        if former
        else f"ECS would stop the deployment of {current.revision}. It remembers no successful deployment of {name},"
        " so there may be no revision to go back to, and no task may run then."
    )
    return Action(
        verb="stop-rollout",
        subject=found.subject,
        plan=(f"{found.subject}: {found.state}.", back, *found.warnings),
        question=f"Stop the deployment of {current.revision}?",
        follow_up=(
            f"{found.subject}: the deployment of {current.revision} was stopped. An update that waits for it fails.",
            f"Until the stack file or the source is reverted, the next update deploys {current.revision} again. To find"
            f" out how to revert it: {cloud.verb(f'rollback {stack} {name} --dry-run')}",
        ),
        details={"stopped": current.revision, "former": former[0].revision if former else None},
        perform=perform,
    )


def _current(found: Service, going: list[Deployment], cloud: Cloud) -> Deployment:
    """The deployment to stop. Raises UserError if there is none."""
    if not going:
        raise UserError(
            f"{found.subject}: no rollout is in progress ({found.state}). To go back from a completed one:"
            f" {cloud.verb(f'rollback {found.described.stack} {found.name}')}"
        )
    if going[0].status in GOING_BACK:
        raise UserError(
            f"{found.subject}: ECS already ends the deployment of {going[0].revision} ({going[0].status}). Wait for it:"
            f" {cloud.verb(f'status {found.described.stack}')}"
        )
    return going[0]
