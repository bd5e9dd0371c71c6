"""The other stack files of the folder: two stacks must not share a name in AWS. Pure functions, except `read`.

Only what no single stack file shows is here. A file that is invalid in itself is a problem of its own stack.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config import stackfile
from config.catalogue import Catalogue
from config.fields import regions
from config.job import LOGINS
from config.problems import Problem
from config.settings import Settings
from config.stackfile import KEY, StackFileError
from ecs.image import Reference, Repository


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """What a stack file says about names in AWS."""

    file: str
    account: str
    region: str
    prefix: str
    bucket: str
    domain: tuple[str, str] | None
    """The public name and its hosted zone."""
    builds: bool
    """Whether the stack builds its images, and so owns their repositories."""
    images: Mapping[str, Reference]
    """The pinned images by service."""
    has_logins: bool
    """Whether the stack runs the job that creates logins."""

    def repository(self, service: str) -> Repository:
        """The repository of a service, if the stack builds."""
        return Repository(account=self.account, region=self.region, name=f"{self.prefix}-{service}")

    def names(self, catalogue: Catalogue) -> set[str]:
        """The names that the stack's resources begin with: of its cluster and of each service and job."""
        declared = catalogue.declared.items()
        running = {name for name, each in declared if self.builds or each.pin in self.images}
        own = {LOGINS.name} if self.has_logins else set[str]()
        return {self.prefix, *(f"{self.prefix}-{name}" for name in running | own | set(self.images))}


def read(root: Path, stack: str) -> list[Sibling]:
    """The other stacks of the folder. Skips a file that is invalid in itself."""
    found: list[Sibling] = []
    for name in stackfile.stacks(root):
        if name == stack:
            continue
        try:
            file = stackfile.read(root / stackfile.name(name))
        except StackFileError:
            continue
        if other := sibling(file.name, file.config):
            found.append(other)
    return found


def sibling(file: str, config: Mapping[str, Any]) -> Sibling | None:
    """The stack with this mapping under `config`; None when a key is invalid in itself."""
    region = config.get("aws:region")
    try:
        settings = Settings.model_validate_json(json.dumps(config.get(KEY)))
    except ValidationError:
        return None
    return of(file, settings, region) if region in regions() else None


def of(file: str, settings: Settings, region: str) -> Sibling:
    """The stack with these settings."""
    public = settings.ingress.public_name
    return Sibling(
        file=file,
        account=settings.account,
        region=region,
        prefix=settings.prefix,
        bucket=settings.bucket.name,
        domain=(public.name, public.zone_id) if public else None,
        builds=settings.build is not None,
        has_logins=settings.database.logins != "shared",
        images={name: Reference.parse(image) for name, image in (settings.images or {}).items()},
    )


def problems(own: Sibling, others: Iterable[Sibling], catalogue: Catalogue) -> Iterator[Problem]:
    """The problems of a stack with the others, each at a key of its own file."""
    for other in others:
        if (other.account, other.region) == (own.account, own.region):
            yield from _shared_names(own, other, catalogue)
        if other.bucket == own.bucket:
            valid = f"must differ from that of {other.file}. Names of S3 buckets are global."
            yield Problem(path=f"{KEY}.bucket.name", value=own.bucket, valid=valid)
        if own.domain and (other.account, other.domain) == (own.account, own.domain):
            valid = f"must differ from that of {other.file}. A name leads to one load balancer."
            yield Problem(path=f"{KEY}.ingress.domain", value=own.domain[0], valid=valid)
        for name in _still_running(own, other, catalogue):
            running = f"{other.file} still runs {name} from this stack's repository. Remove it there"
            why = "is no longer in services.py"
            if name == LOGINS.name:
                why, running = (
                    "is the job of database.logins, which is shared",
                    f"{running}, with database.logins shared,",
                )
            yield Problem(path=f"{KEY}.build", valid=f"{name} {why}, but {running} and deploy that stack first.")


def _shared_names(own: Sibling, other: Sibling, catalogue: Catalogue) -> Iterator[Problem]:
    path = f"{KEY}.prefix"
    if own.prefix == other.prefix:
        valid = f"must differ from that of {other.file}, which has the same account and region."
        yield Problem(path=path, value=own.prefix, valid=valid)
    elif shared := own.names(catalogue) & other.names(catalogue):
        valid = (
            f"must differ more from that of {other.file}, which has the same account and region. Both would name"
            f" {', '.join(sorted(shared))}."
        )
        yield Problem(path=path, value=own.prefix, valid=valid)


def _still_running(own: Sibling, other: Sibling, catalogue: Catalogue) -> Iterator[str]:
    """The services and jobs that this stack's repositories would lose, and that the other stack runs from there."""
    if not own.builds:
        return
    owned = {*catalogue.declared, *([LOGINS.name] if own.has_logins else [])}
    for name, image in sorted(other.images.items()):
        if name not in owned and image.repository == own.repository(name):
            yield name
