"""What is replaced or deleted, and what becomes of the data that it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from simulator.aws import cloudwatch, ec2, ecr, ecs, rds, s3, secretsmanager
from simulator.diff import permissions
from simulator.diff.differences import Change, differences
from simulator.diff.state import Properties, Resource, State
from simulator.engine import Step

RENEWED = frozenset(
    {
        ecs.TASK_DEFINITION,
        secretsmanager.SECRET_VERSION,
        "docker:index/image:Image",
    }
)
"""To replace these is how they change: ECS and Secrets Manager keep the former revision, ECR the former image."""
SAID_ELSEWHERE = permissions.TYPES | {ec2.INGRESS_RULE, ec2.EGRESS_RULE} | RENEWED
REPLACED = frozenset({"replace", "create-replacement"})


@dataclass(frozen=True, kw_only=True)
class Loss:
    component: str
    type: str
    name: str
    operation: Literal["replaced", "deleted"]
    data: str | None
    """What becomes of the data; None for what holds none."""
    causes: tuple[Change, ...]
    """The properties that differ."""
    follows: bool
    """Whether it is replaced because something that it refers to is."""


def replaced(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(step.urn for step in steps if step.operation in REPLACED)


def losses(before: State, after: State, steps: Iterable[Step]) -> Iterator[Loss]:
    """What holds data first."""
    steps = list(steps)
    renewed = replaced(steps)
    deleted = {step.urn for step in steps if step.operation == "delete"} - renewed
    found = [
        Loss(
            component=old.component,
            type=old.type,
            name=old.name,
            operation="replaced" if urn in renewed else "deleted",
            data=_data(old),
            causes=_causes(old, after.resources.get(urn)) if urn in renewed else (),
            follows=bool(old.dependencies & renewed),
        )
        for urn, old in before.resources.items()
        if urn in renewed | deleted and old.type not in SAID_ELSEWHERE
    ]
    return iter(sorted(found, key=lambda each: (each.data is None, each.component, each.type, each.name)))


def _causes(old: Resource, new: Resource | None) -> tuple[Change, ...]:
    return differences(old.inputs, new.inputs) if new else ()


def _data(resource: Resource) -> str | None:
    tell = DATA.get(resource.type)
    return tell(resource.inputs) if tell else None


def _instance(inputs: Properties) -> str:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    if inputs.get("skipFinalSnapshot"):
        return "its databases are lost: no final snapshot is taken"
    return f"the new one is empty; the final snapshot {inputs.get('finalSnapshotIdentifier')} keeps the data"


def _bucket(inputs: Properties) -> str:
    if inputs.get("forceDestroy"):
        return "every object in it is deleted, all versions"
    return "S3 refuses while it holds objects: empty or copy it first"


def _secret(inputs: Properties) -> str:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    days = inputs.get("recoveryWindowInDays", 30)
    return f"it can be restored for {days} days" if days else "it cannot be restored"


def _repository(inputs: Properties) -> str:
    if inputs.get("forceDelete"):
        return "its images are deleted, also those that another stack runs"
    return "ECR refuses while it holds images"


def _logs(_: Properties) -> str:
    return "its logs are deleted"


DATA: Mapping[str, Callable[[Properties], str]] = {
    rds.INSTANCE: _instance,
    s3.BUCKET: _bucket,
    secretsmanager.SECRET: _secret,
    ecr.REPOSITORY: _repository,
    cloudwatch.LOG_GROUP: _logs,
}
