"""What a rollback may go back to, for both of its ways: by the stack file and by ECS alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from config.problems import UserError
from ecs.image import Reference
from ops import ecr, ecs, history
from ops.cloud import Cloud
from ops.history import Definition
from ops.service import Service

PERMISSIONS = (*ecs.PERMISSIONS, *history.PERMISSIONS, "ecr:BatchGetImage")
TO = re.compile(r"(?P<digest>sha256:[0-9a-f]{7,64})|(?:(?P<family>[\w-]+):)?(?P<number>[1-9]\d*)")
"""A digest, of which the first seven digits suffice, or a revision of the task definition, with its family or not."""

T = TypeVar("T")


def wanted(found: Service, to: str) -> Mapping[str, str]:
    """The parts of a digest or revision that the user gave, as in TO. Raises UserError if it is neither."""
    if not (match := TO.fullmatch(to)):
        raise UserError(
            f"{found.subject}: {to!r} is neither a digest, such as sha256:0123456, nor a revision, such as 41 or"
            f" {found.running.revision}."
        )
    return match.groupdict(default="")


def definition(found: Service, family: str, number: str) -> Definition:
    """The revision of the service with this number. Raises UserError if ECS cannot deploy it."""
    own = found.running.revision.rpartition(":")[0]
    if family not in ("", own):
        raise UserError(f"{found.subject}: {family} is not the service's task definition, which is {own}.")
    stored = history.definition(found, f"{own}:{number}")
    if stored is None or not stored.is_active:
        raise UserError(f"{found.subject}: {own}:{number} does not exist or was deregistered. {listing(found)}")
    if not stored.image:
        raise UserError(f"{found.subject}: {own}:{number} has no container {found.name}. {listing(found)}")
    return stored


def listing(found: Service) -> str:
    """A sentence with the command that lists the revisions."""
    family = found.running.revision.rpartition(":")[0]
    return f"This lists the revisions: aws ecs list-task-definitions --family-prefix {family} --sort DESC"


def before(found: Sequence[T], is_current: Sequence[bool]) -> Sequence[T]:
    """Those before the current one first ran, newest first: a second rollback must not go forward again."""
    oldest = max((index for index, current in enumerate(is_current) if current), default=-1)
    return found[oldest + 1 :]


def is_stored(cloud: Cloud, image: str) -> bool:
    """Whether ECR has the image. Raises UserError if it cannot be asked."""
    try:
        reference = Reference.parse(image)
    except ValueError:
        return False
    with cloud.registry(reference.repository) as client:
        return ecr.manifest(client, reference) is not None
