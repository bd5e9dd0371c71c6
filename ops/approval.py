"""`approve` and `reject`: answer for a person where a deployment waits for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.problems import UserError
from ops import deployments, service
from ops.action import Action
from ops.cloud import Cloud
from ops.deployments import UNFINISHED, Hook, ServiceDeployment
from ops.ecs import PERMISSIONS as READING
from ops.service import Service

PERMISSIONS = (
    *READING,
    "ecs:ContinueServiceDeployment",
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:ListServiceDeployments",
)
HOWTO = "docs/howto/rollout.md#approval-by-a-person"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A deployment that waits for approval."""

    service: Service
    deployment: ServiceDeployment
    revision: str
    hook: Hook

    def resume(self, action: str) -> None:
        """Raises UserError."""
        with self.service.requesting():
            self.service.ecs.continue_service_deployment(
                serviceDeploymentArn=self.deployment.arn, hookId=self.hook.id, action=action
            )


def prepare(cloud: Cloud, stack_name: str, name: str | None, root: Path, *, approve: bool) -> Action:
    """Reads the deployments and decides; changes nothing. `name` None: all that wait. Raises UserError."""
    waiting = list(_waiting(cloud, stack_name, name, root))
    subject = f"{stack_name}/{name}" if name else stack_name
    if not waiting:
        raise UserError(
            f"{subject}: no deployment waits for approval. {cloud.verb(f'status {stack_name}')} shows what is deployed."
            f" A stack file asks for it: {HOWTO}."
        )
    verb, action, effect = (
        ("approve", "CONTINUE", "ECS would shift traffic to its new tasks")
        if approve
        else ("reject", "ROLLBACK", "ECS would go back to the revision before it")
    )

    def perform() -> None:
        for each in waiting:
            each.resume(action)

    revisions = [each.revision for each in waiting]
    url = waiting[0].service.described.url
    return Action(
        verb=verb,
        subject=subject,
        plan=(
            *(
                f"{each.service.subject}: {each.revision} waits for approval{until(each.hook.expires)}; {effect}."
                for each in waiting
            ),
            *((f"To test the gateway's new tasks before: python tools/smoke.py {url} --green",) if approve else ()),
        ),
        question=f"{verb.capitalize()} {', '.join(revisions)}?",
        follow_up=(_follow_up(cloud, stack_name, approve=approve),),
        details={"revisions": revisions},
        perform=perform,
    )


def until(expires: datetime | None) -> str:
    """The end of a wait, for a sentence; empty if ECS names none."""
    return f" until {expires:%H:%M} UTC" if expires else ""


def _waiting(cloud: Cloud, stack_name: str, name: str | None, root: Path) -> Iterator[Waiting]:
    for each in service.find_all(cloud, stack_name, [name] if name else [], root):
        with each.requesting():
            for deployment in deployments.listed(each.ecs, **each.address, statuses=UNFINISHED):
                detail = deployments.detail(each.ecs, deployment)
                if detail.waits:
                    yield Waiting(service=each, deployment=deployment, revision=detail.revision, hook=detail.waits)


def _follow_up(cloud: Cloud, stack_name: str, *, approve: bool) -> str:
    status = cloud.verb(f"status {stack_name}")
    if approve:
        return f"ECS shifts the traffic now. To follow it, and to see what waits next: {status}"
    return (
        f"ECS goes back: {status} shows when it has. The update that waits for the deployment fails; revert the commit,"
        " or the next update deploys the revision again."
    )
