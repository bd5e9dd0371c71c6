"""`tag-sources`: puts the commit of its source on each image that a stack has built, as an immutable tag in ECR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from ecs.image import Reference
from ops import ecr, stack
from ops.action import Action
from ops.cloud import Cloud
from ops.ecr import Manifest
from ops.errors import code
from ops.table import short

PERMISSIONS = ("ecr:BatchGetImage", "ecr:PutImage")
TAKEN = {
    "ImageTagAlreadyExistsException": "another image has this tag: the commit was built before, with another result",
    "LimitExceededException": "the image has as many tags as ECR allows",
}
"""Why ECR refuses a tag, by its error: no failure, as the tag is for people only. An image has at most 1,000 tags:
https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html"""


@dataclass(frozen=True, kw_only=True)
class Source:
    """An image and the tag of its source."""

    reference: Reference
    manifest: Manifest
    tag: str


def prepare(cloud: Cloud, stack_name: str) -> Action:
    """Reads the stack's outputs and ECR; changes nothing. Raises UserError."""
    with cloud.session(stack_name) as session:
        described = stack.read(session)
    if not described.images:
        raise stack.runs_nothing(cloud, stack_name)
    sources, plan = _sources(cloud, stack_name, described.pins, described.commits)
    messages: list[str] = []

    def perform() -> None:
        for name, each in sources.items():
            if problem := _tag(cloud, each):
                messages.append(f"{name}: {each.tag} was not set: {problem}.")

    return Action(
        verb="tag-sources",
        subject=stack_name,
        plan=tuple(plan),
        question=f"Tag {len(sources)} images?" if sources else "",
        messages=messages,
        details={"tags": {name: {"image": str(each.reference), "tag": each.tag} for name, each in sources.items()}},
        perform=perform,
    )


def _sources(
    cloud: Cloud, stack_name: str, images: Mapping[str, str], commits: Mapping[str, str]
) -> tuple[dict[str, Source], list[str]]:
    """The images to tag by service or job, and a line for each."""
    if not commits:
        return {}, [
            f"{stack_name}: no commit is known of any image: it pins its images, or it was built from edited checkouts."
            " Tag in the stack that builds, after an update from committed sources."
        ]
    sources: dict[str, Source] = {}
    plan: list[str] = []
    for name, image in sorted(images.items()):
        if name not in commits:
            plan.append(f"{name}: the commit is not known: its source was edited when it was built.")
            continue
        reference, tag = Reference.parse(image), ecr.source_tag(commits[name])
        with cloud.registry(reference.repository) as client:
            stored = ecr.manifest(client, reference)
        if stored is None:
            plan.append(f"{name}: {short(image)} does not exist in ECR. Build it again: {cloud.update}{stack_name}")
        else:
            sources[name] = Source(reference=reference, manifest=stored, tag=tag)
            plan.append(f"{name}: {short(image)} gets the tag {tag}.")
    return sources, plan


def _tag(cloud: Cloud, source: Source) -> str:
    """Sets the tag. Returns why ECR refused it; empty if the image has it now, or had it."""
    with cloud.registry(source.reference.repository) as client:
        try:
            ecr.tag(client, source.reference, source.manifest, source.tag)
        except ClientError as error:
            if (problem := TAKEN.get(code(error))) is None:
                raise
            return problem
    return ""
