"""`unused-images`: lists promoted images that no stack pins or runs."""

from __future__ import annotations

from pathlib import Path

from config import image_pins, stackfile
from config.problems import UserError
from ecs.image import Reference, Repository
from ops import ecr, stack
from ops.cloud import Cloud
from ops.ecr import Promoted


def unused(cloud: Cloud, stack_name: str, root: Path) -> list[Promoted]:
    """The promoted images in the ECR repositories of this stack that no stack pins or runs. Raises UserError.

    An image is in use if a stack file pins it or any stack of the project on the backend runs it, because tasks may
    still run an image whose pin was reverted. Reverting to an older promotion requires its images, which only the
    history in Git names.
    """
    needed: set[str] = set()
    for name in stackfile.stacks(root):
        needed |= set(image_pins.read(root / stackfile.name(name)).images.values())
    repositories: set[Repository] = set()
    with cloud.session(stack_name) as session:
        deployed = stack.stacks(session)
    for name in sorted({stack_name} | deployed):
        with cloud.session(name) as session:
            images = stack.read(session).pins.values()
        needed |= set(images)
        if name == stack_name:
            repositories = {Reference.parse(each).repository for each in images}
    if not repositories:
        raise UserError(
            f"{stack_name}: runs no services, so it has no repositories. Name the stack that builds the images."
        )
    found: list[Promoted] = []
    for repository in sorted(repositories, key=lambda each: each.arn):
        with cloud.registry(repository) as client:
            found += ecr.promoted(client, repository)
    return [each for each in found if str(each.reference) not in needed]
