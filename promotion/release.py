"""Promoted images that nobody needs any more. They are only listed: what goes is for a person to say."""

from __future__ import annotations

from pathlib import Path

from ecs.image import Reference, Repository
from promotion import registry, source, stackfile
from promotion.cloud import Cloud, asking
from promotion.errors import PromotionError
from promotion.registry import Promoted


def releasable(cloud: Cloud, stack: str, root: Path) -> list[Promoted]:
    """Of the repositories that this stack's images lie in: what was promoted, and no stack pins or runs.

    Pinned is what a stack file here names, and what any stack of the project runs on the backend: a reverted file does
    not stop a task. A revert of an older promotion wants its images, too: Git's history says which.
    """
    needed: set[str] = set()
    for path in sorted(root.glob("Pulumi.*.yaml")):
        needed |= _pinned(path)
    repositories: set[Repository] = set()
    with cloud.session(stack) as session:
        stacks = source.beside(session)
    for name in sorted({stack} | stacks):
        with cloud.session(name) as session:
            images = source.read(session).images.values()
        needed |= set(images)
        if name == stack:
            repositories = {Reference.parse(each).repository for each in images}
    if not repositories:
        raise PromotionError(f"{stack}: it runs no service, so there is no repository to look into")
    found: list[Promoted] = []
    for where in sorted(repositories, key=lambda each: each.arn):
        with asking("ECR", where.account, where.region):
            found += registry.promoted(cloud.ecr(where.account, where.region), where)
    return [each for each in found if str(each.reference) not in needed]


def _pinned(path: Path) -> set[str]:
    return set(stackfile.read(path).images.values())
