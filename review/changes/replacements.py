"""Lists the resources that are replaced or deleted, and the effect on their data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ecs import types
from review.changes.differences import Change, differences
from review.deployment import permissions
from review.deployment.state import Properties, Resource, State
from simulator.engine import Step

REVISIONED = frozenset(
    {
        types.TASK_DEFINITION,
        types.SECRET_VERSION,
        types.DOCKER_IMAGE,
    }
)
"""Types whose every change is a replacement: ECS and Secrets Manager keep the former revision, ECR the former image."""
INTERNAL = frozenset({types.RANDOM_ID})
"""Types that exist only in Pulumi's state and whose value shows in the resource that uses it."""
REPORTED_ELSEWHERE = permissions.TYPES | {types.INGRESS_RULE, types.EGRESS_RULE} | REVISIONED | INTERNAL
REPLACED = frozenset({"replace", "create-replacement"})


@dataclass(frozen=True, kw_only=True)
class Replacement:
    component: str
    type: str
    name: str
    operation: Literal["replaced", "deleted"]
    data: str | None
    """The effect on its data; None for a type without data."""
    causes: tuple[Change, ...]
    """The properties that differ."""
    follows: bool
    """Whether it references a resource that is replaced."""


def replaced(steps: Iterable[Step]) -> frozenset[str]:
    return frozenset(step.urn for step in steps if step.operation in REPLACED)


def replacements(before: State, after: State, steps: Iterable[Step]) -> Iterator[Replacement]:
    """Sorted: resources with data first, then by component, type and name."""
    steps = list(steps)
    urns = replaced(steps)
    deleted = {step.urn for step in steps if step.operation == "delete"} - urns
    found = [
        Replacement(
            component=old.component,
            type=old.type,
            name=old.name,
            operation="replaced" if urn in urns else "deleted",
            data=_data(old),
            causes=_causes(old, after.resources.get(urn)) if urn in urns else (),
            follows=bool(old.dependencies & urns),
        )
        for urn, old in before.resources.items()
        if urn in urns | deleted and old.type not in REPORTED_ELSEWHERE
    ]
    return iter(sorted(found, key=lambda each: (each.data is None, each.component, each.type, each.name)))


def _causes(old: Resource, new: Resource | None) -> tuple[Change, ...]:
    return differences(old.inputs, new.inputs) if new else ()


def _data(resource: Resource) -> str | None:
    effect = EFFECT_ON_DATA.get(resource.type)
    return effect(resource.inputs) if effect else None


def _instance(inputs: Properties) -> str:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    if inputs.get("skipFinalSnapshot"):
        return "its databases are lost: no final snapshot is taken"
    return f"the new instance is empty; the final snapshot {inputs.get('finalSnapshotIdentifier')} keeps the data"


def _bucket(inputs: Properties) -> str:
    if inputs.get("forceDestroy"):
        return "all versions of all its objects are deleted"
    return "S3 rejects the deletion unless the bucket is empty; copy its objects first"


def _secret(inputs: Properties) -> str:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    days = inputs.get("recoveryWindowInDays", 30)
    return f"it can be restored for {days} days" if days else "it cannot be restored"


def _repository(inputs: Properties) -> str:
    if inputs.get("forceDelete"):
        return "its images are deleted"
    return "ECR rejects the deletion unless the repository is empty"


def _logs(_: Properties) -> str:
    return "its logs are deleted"


EFFECT_ON_DATA: Mapping[str, Callable[[Properties], str]] = {
    types.DB_INSTANCE: _instance,
    types.BUCKET: _bucket,
    types.SECRET: _secret,
    types.REPOSITORY: _repository,
    types.LOG_GROUP: _logs,
}
