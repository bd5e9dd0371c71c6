"""Whether a promotion may be, and what it comes to. Pure: what is known is given."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecs.fargate import CPU_ARCHITECTURE
from ecs.image import Reference
from mistakes import KEY
from promotion.errors import PromotionError
from promotion.running import Running
from promotion.source import Source
from services import Catalogue
from settings import SettingsError, parse


@dataclass(frozen=True, kw_only=True)
class Target:
    """The stack that is to run the images: what its file says."""

    stack: str
    file: str
    """The file's name, for messages."""
    region: str
    settings: Mapping[str, Any]
    """What stands under marginalia:stack."""
    images: Mapping[str, str]
    """Of the settings, those: the reference of each service's image. None when it builds."""
    is_dirty: bool
    """Whether the file has changes that are not committed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    promoted: Mapping[str, Reference]
    """By service, what the target is to run as the source runs it."""
    images: Mapping[str, str]
    """By service and sorted: all that the target's file is to say."""


def chosen(source: Source, only: Collection[str]) -> tuple[str, ...]:
    """The services that a promotion is about: those asked for, or else all that the source runs."""
    return tuple(sorted(name for name in source.images if name in only or not only))


def decide(
    *,
    source: Source,
    running: Mapping[str, Running],
    held: Collection[str],
    target: Target,
    catalogue: Catalogue,
    root: Path,
    only: Collection[str] = (),
) -> Plan:
    """Raises PromotionError, which names every reason against it.

    `running` is what ECS says, by service; `held` are the references that ECR holds; `only` the services that were
    asked for, all when empty. `root` is the program's folder. Services of the target that are not promoted stay.
    """
    names = chosen(source, only)
    images = dict(sorted({**target.images, **{name: source.images[name] for name in names}}.items()))
    reasons = [*_against_source(source), *_against_choice(source, only, catalogue)]
    for name in names:
        if name in catalogue:
            reasons += _against_service(source, name, running.get(name), held)
    reasons += _against_target(
        target, images, {name: running[name] for name in names if name in running}, catalogue, root
    )
    if reasons:
        raise PromotionError("\n".join(reasons))
    return Plan(promoted={name: Reference.parse(source.images[name]) for name in names}, images=images)


def _against_source(source: Source) -> Iterator[str]:
    if source.update == "in-progress":
        yield f"{source.stack}: an update is in progress: wait for it"
    if source.update == "failed":
        yield f"{source.stack}: its last update failed: mend what failed and bring it up again"
    if source.pending:
        yield (
            f"{source.stack}: an update is at work on {', '.join(source.pending)}, or was cut off there: wait for it,"
            " or settle it by `pulumi refresh` and another update"
        )
    if not source.images:
        yield f"{source.stack}: it runs no service: bring it up first"


def _against_choice(source: Source, only: Collection[str], catalogue: Catalogue) -> Iterator[str]:
    for name in sorted({*only, *chosen(source, only)}):
        if name not in catalogue:
            yield f"{source.stack}: {name}: no such service in services.py; there are {', '.join(catalogue.names)}"
        elif name not in source.images:
            yield f"{source.stack}: {name}: it does not run it; it runs {', '.join(sorted(source.images)) or 'none'}"


def _against_service(source: Source, name: str, running: Running | None, held: Collection[str]) -> Iterator[str]:
    reference = source.images[name]
    where = f"{source.stack}: {name}:"
    try:
        digest = Reference.parse(reference).digest
    except ValueError:
        yield f"{where} its image {reference!r} is not in ECR and by digest, as every image is that can be promoted"
        return
    if reference not in held:
        yield f"{where} ECR does not hold {reference}: build it again"
    if running is None:
        yield f"{where} ECS has no such service: bring the stack up again"
        return
    if not running.is_steady:
        yield (
            f"{where} its rollout is not complete: {running.tasks} of {running.desired} tasks run, and the deployments"
            f" are {', '.join(running.deployments)}: wait for it"
        )
    if running.image != reference:
        yield (
            f"{where} ECS runs {_digest(running.image)} ({running.revision}), not {digest} as the stack's outputs say:"
            " bring it up again, and see why it was rolled back"
        )


def _against_target(
    target: Target, images: Mapping[str, str], running: Mapping[str, Running], catalogue: Catalogue, root: Path
) -> Iterator[str]:
    if target.settings.get("build") is not None:
        yield f"{target.file}: {KEY}.build: {target.stack} builds its images: only a stack with `images` takes others"
        return
    if target.is_dirty and images != target.images:
        yield f"{target.file}: it has changes that are not committed: commit them, so that this one stands alone"
    try:
        # What holds of a stack file is said there once; above all, that nothing is called which does not run.
        settings = parse(
            json.dumps({**target.settings, "images": images}, default=str),
            region=target.region,
            file=target.file,
            catalogue=catalogue,
            root=root,
        )
    except SettingsError as error:
        yield from (f"{line} (as it would be after the promotion)" for line in str(error).splitlines())
        return
    for name, each in sorted(running.items()):
        if each.cpu_architecture != CPU_ARCHITECTURE[settings.architecture]:
            yield (
                f'{target.file}: {KEY}.architecture is "{settings.architecture}": the image of {name} runs on'
                f" {each.cpu_architecture}"
            )


def _digest(image: str) -> str:
    return image.rpartition("@")[2] or "no image"
