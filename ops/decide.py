"""Decides whether a promotion is allowed and computes the new image pins. No I/O."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.catalogue import Catalogue
from config.image_pins import StackFile
from config.job import LOGINS
from config.load import SettingsError, parse
from config.problems import UserError, did_you_mean
from config.siblings import Sibling
from config.stackfile import KEY
from ecs.fargate import CPU_ARCHITECTURE
from ecs.image import Reference
from ops.ecs import Running
from ops.stack import UNPROVEN, Description


@dataclass(frozen=True, kw_only=True)
class Target:
    """The target stack, as its stack file configures it."""

    stack: str
    file: StackFile
    is_dirty: bool
    """Whether the file has uncommitted changes."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The result of an allowed promotion."""

    promoted: Mapping[str, Reference]
    """The promoted image of each selected service."""
    images: Mapping[str, str]
    """All image pins of the target's stack file after the promotion, sorted by service."""


def decide(
    *,
    source: Description,
    stored: Collection[str],
    target: Target,
    catalogue: Catalogue,
    root: Path,
    only: Collection[str] = (),
    others: Collection[Sibling] = (),
) -> Plan:
    """Computes the image pins. Raises UserError, which lists every reason against the promotion.

    `stored` has the references that exist in ECR. `only` has the selected services; empty selects all. `root` is the
    folder of the program; `others` has the other stack files there. Services of the target that are not selected keep
    their images.
    """
    names = selected(source, only)
    images = dict(sorted({**target.file.images, **{name: source.pins[name] for name in names}}.items()))
    reasons = [*_against_source(source), *_against_selection(source, only, catalogue)]
    for name in names:
        if name in _promotable(catalogue):
            reasons += _against_image(source, name, stored, runs=name in catalogue)
    running = {name: source.running[name] for name in names if name in source.running}
    reasons += against_target(target, images, running, catalogue, root, others)
    if reasons:
        raise UserError("\n".join(reasons))
    return Plan(promoted={name: Reference.parse(source.pins[name]) for name in names}, images=images)


def selected(source: Description, only: Collection[str]) -> tuple[str, ...]:
    """The services, and the jobs with an image of their own, that are in `only`; all of them if it is empty."""
    return tuple(sorted(name for name in source.pins if name in only or not only))


def _against_source(source: Description) -> Iterator[str]:
    if source.update == "in-progress":
        yield f"{source.stack}: an update is in progress. Wait for it to complete."
    if source.update == "failed":
        yield f"{source.stack}: the last update failed. Fix the cause, run `pulumi up --refresh`."
    if source.update == UNPROVEN:
        yield (
            f"{source.stack}: the last update succeeded without a refresh after one that failed, and may have changed"
            " nothing. Run `pulumi up --refresh`."
        )
    if source.pending:
        yield (
            f"{source.stack}: pending operations on {', '.join(source.pending)}. Wait for the update to complete; if it"
            " was interrupted, run `pulumi refresh --clear-pending-creates`, then `pulumi up --refresh`."
        )
    if not source.images:
        yield f"{source.stack}: runs no services. Deploy them first."


def _against_selection(source: Description, only: Collection[str], catalogue: Catalogue) -> Iterator[str]:
    promotable = _promotable(catalogue)
    for name in sorted({*only, *selected(source, only)}):
        if name in catalogue.jobs and name not in promotable:
            image = catalogue.jobs[name].image
            yield f"{name}: runs the image of {image} and is promoted with it: --service {image}."
        elif name not in promotable:
            hint = did_you_mean(name, promotable)
            listed = ", ".join(sorted(each.name for each in catalogue.built))
            yield f"{name}: no such service in services.py.{hint} The services are {listed}."
        elif name not in source.pins:
            deployed = ", ".join(sorted(source.pins)) or "no services"
            yield f"{source.stack}/{name}: not deployed; {source.stack} runs {deployed}."


def _promotable(catalogue: Catalogue) -> list[str]:
    """The services and jobs with an image of their own, and the job of the program, which is in no catalogue."""
    return [*(each.name for each in catalogue.built), LOGINS.name]


def _against_image(source: Description, name: str, stored: Collection[str], *, runs: bool) -> Iterator[str]:
    """`runs`: whether ECS keeps tasks of it running, and not only a job starts them."""
    reference = source.pins[name]
    where = f"{source.stack}/{name}"
    try:
        Reference.parse(reference)
    except ValueError:
        yield f"{where}: image {reference!r} is not an ECR image by digest. Only those can be promoted."
        return
    if reference not in stored:
        yield f"{where}: image {reference} does not exist in ECR. Build it again."
    if runs:
        yield from _against_service(source, name, source.running.get(name))


def _against_service(source: Description, name: str, running: Running | None) -> Iterator[str]:
    reference = source.images[name]
    where = f"{source.stack}/{name}"
    if running is None:
        yield f"{where}: does not exist in ECS. Run `pulumi up --refresh`."
        return
    if running.desired == 0:
        yield f"{where}: desired count is 0. Scale the service to at least one task."
    elif not running.is_steady:
        yield (
            f"{where}: rollout in progress ({running.tasks} of {running.desired} tasks;"
            f" {', '.join(running.deployments)}). Wait for it to complete."
        )
    if running.image != reference:
        yield (
            f"{where}: ECS runs {_digest(running.image)} ({running.revision}), not {_digest(reference)} of the stack's"
            " outputs. Find out why the deployment was rolled back, run `pulumi up --refresh`."
        )


def against_target(
    target: Target,
    images: Mapping[str, str],
    running: Mapping[str, Running],
    catalogue: Catalogue,
    root: Path,
    others: Collection[Sibling],
    *,
    change: str = "promotion",
) -> Iterator[str]:
    """The reasons against these image pins. `running` has the services of the source; `change` is for messages."""
    file = target.file.path.name
    if target.file.builds:
        yield (
            f"{file}: {KEY}.build: {target.stack} builds its images, so none can be promoted to it. Did you mean"
            f" to promote from {target.stack}?"
        )
        return
    if target.is_dirty and images != target.file.images:
        yield f"{file}: has uncommitted changes. Commit or discard them first."
    try:
        # Applies all rules for stack files to the result, among them that every callee has an image.
        settings = parse(
            json.dumps({**target.file.settings, "images": images}, default=str),
            region=target.file.region,
            file=file,
            catalogue=catalogue,
            root=root,
            others=others,
        )
    except SettingsError as error:
        added = [name for name in images if name not in target.file.images]
        for line in str(error).splitlines():
            key = line.partition(": ")[2].partition(" ")[0].rstrip(":").split(".")
            new = [name for name in added if name in key or f" {name} calls " in line]
            which = f", which adds {', '.join(new)}; --service names the services to promote" if new else ""
            yield f"{line} (after the {change}{which})"
        return
    for name, each in sorted(running.items()):
        if each.cpu_architecture != CPU_ARCHITECTURE[settings.architecture]:
            yield (
                f'{file}: {KEY}.architecture is "{settings.architecture}", but the image of {name} is for'
                f" {each.cpu_architecture}. Configure both stacks with the same architecture."
            )


def _digest(image: str) -> str:
    return image.rpartition("@")[2] or "no image"
