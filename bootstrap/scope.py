"""What the roles of one stack are for: the values of its stack file that ARNs contain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config import siblings, stackfile
from config.load import Configuration
from config.siblings import Sibling
from ecs.image import Reference, Repository
from ecs.logs import bucket_name

PATH = "/marginalia-ci/"
"""The IAM path of all roles and policies of this program, which the deploy role may not change.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names"""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """One stack in its account."""

    stack: str
    account: str
    region: str
    prefix: str
    bucket: str
    """The content bucket."""
    log_bucket: str
    """The bucket for logs. The stack may have none."""
    builds: bool
    schedules: bool
    """Whether a job of the catalogue has a schedule."""
    toolbox: Repository | None
    """The repository of the image of debug tasks. None: the stack has none."""
    shifts: bool
    """Whether ECS may shift the traffic of the public service."""
    zone_id: str | None
    """The hosted zone of the domain."""
    secrets: Sequence[str]
    """The `valueFrom` of the secrets of services and jobs."""
    consumed: Sequence[Repository]
    """The repositories of this stack that the stack files of other stacks pin images of."""

    def name(self, of: str) -> str:
        """The name of a role or policy of this program. IAM is global: names of two regions must differ."""
        return f"{self.prefix}-{self.stack}-{of}"

    @property
    def boundary_arn(self) -> str:
        """The permissions boundary of the tasks' roles."""
        return f"arn:aws:iam::{self.account}:policy{PATH}{self.name('tasks')}"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the placeholders in the table of actions."""
        return {**vars(self), "boundary_arn": self.boundary_arn}


def of(stack: str, configured: Configuration, others: Sequence[Sibling]) -> Scope:
    """The scope of a stack, from its stack file and those of the other stacks."""
    settings = configured.settings
    own = siblings.of(stackfile.name(stack), settings, configured.region)
    repositories = [own.repository(each.name) for each in (configured.catalogue.built if own.builds else ())]
    pinned = [image.repository for other in others for image in other.images.values()]
    return Scope(
        stack=stack,
        account=own.account,
        region=own.region,
        prefix=own.prefix,
        bucket=own.bucket,
        log_bucket=bucket_name(own.bucket),
        builds=own.builds,
        schedules=any(job.schedule for job in configured.catalogue.jobs.values()),
        toolbox=Reference.parse(settings.debug.image).repository if settings.debug else None,
        shifts=any(each.public and settings.strategy(each) for each in configured.catalogue),
        zone_id=settings.ingress.zone_id,
        secrets=sorted({each for secrets in settings.secrets.values() for each in secrets.values()}),
        consumed=[each for each in repositories if each in pinned],
    )
