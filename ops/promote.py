"""`promote`: pins the digests that one stack runs in the file of another. All checks come before any change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from config import image_pins, siblings, stackfile
from config.catalogue import Catalogue
from config.image_pins import StackFile
from config.problems import UserError
from ecs.image import Reference
from image import source_commits
from ops import ecr, ecs, git, pins, stack
from ops.cloud import Cloud
from ops.decide import Plan, Target, decide, selected
from ops.ecr import Manifest
from ops.stack import Description

PERMISSIONS = (*ecs.PERMISSIONS, "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:PutImage")


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """An allowed promotion that has not been applied yet."""

    target: str
    plan: Plan
    file: StackFile
    text: str
    """The content of the stack file after the promotion."""
    manifests: Mapping[str, Manifest]
    """The manifest of each promoted image, by service."""
    commits: Mapping[str, str]
    """The commit of the source of each promoted image, as far as it is known, by service."""
    missing: tuple[str, ...]
    """The services of the catalogue that the source builds and does not run; empty if services were selected."""

    def apply(self, cloud: Cloud) -> None:
        """Tags the images, then writes the stack file. If interrupted, run it again: existing tags are no error."""
        for name, reference in sorted(self.plan.promoted.items()):
            with cloud.registry(reference.repository) as client:
                ecr.tag(client, reference, self.manifests[name], ecr.tag_of(self.target, reference))
        if self.text != self.file.text:
            image_pins.save(self.file, self.text)


def prepare(
    cloud: Cloud,
    *,
    source_stack: str,
    target_stack: str,
    only: Collection[str],
    catalogue: Catalogue,
    root: Path,
    today: str,
) -> Promotion:
    """Reads both stacks and decides; changes nothing. Raises UserError, which lists every reason against the promotion.

    `only` has the selected services; empty selects all that the source runs. `today` is for the comment in the file.
    """
    file = image_pins.read(root / stackfile.name(target_stack))
    source = stack.describe(cloud, source_stack, only)
    manifests = _manifests(cloud, source, selected(source, only))
    try:
        plan = decide(
            source=source,
            stored={source.pins[name] for name in manifests},
            target=Target(stack=target_stack, file=file, is_dirty=git.has_changes(file.path)),
            catalogue=catalogue,
            root=root,
            only=only,
            others=siblings.read(root, target_stack),
        )
    except UserError as error:
        raise UserError(cloud.advice(str(error), source_stack)) from None
    source_file, change = pins.file(root, source_stack), f"promoted from {source_stack}"
    known = {**pins.commits(source_file, source.pins), **source.commits}
    commits = {name: known.get(name) or _tagged(cloud, each) for name, each in plan.promoted.items()}
    notes = {name: source_commits.comment(change, today, commits.get(name)) for name in plan.images}
    text = image_pins.edited(file, plan.images, notes)
    is_pinned = source_file is not None and not source_file.builds
    missing = () if only or is_pinned else tuple(each.name for each in catalogue.built if each.name not in source.pins)
    return Promotion(
        target=target_stack, plan=plan, file=file, text=text, manifests=manifests, commits=commits, missing=missing
    )


def _tagged(cloud: Cloud, reference: Reference) -> str:
    """The commit that the tags of the image name; empty if there is none, or if there are several."""
    with cloud.registry(reference.repository) as client:
        found = ecr.source_commits(client, reference)
    return found[0] if len(found) == 1 else ""


def _manifests(cloud: Cloud, source: Description, names: Collection[str]) -> dict[str, Manifest]:
    manifests: dict[str, Manifest] = {}
    for name in names:
        try:
            reference = Reference.parse(source.pins[name])
        except ValueError:
            continue  # `decide` reports it
        with cloud.registry(reference.repository) as client:
            stored = ecr.manifest(client, reference)
        if stored:
            manifests[name] = stored
    return manifests
