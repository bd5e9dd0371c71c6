"""`rollback`: pins the image that a service ran well before in the stack file, as a promotion pins a new one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config import catalogue, image_pins, siblings, stackfile
from config.image_pins import StackFile
from config.problems import UserError
from config.stackfile import KEY
from image import source_commits
from ops import former, git, history, service
from ops.action import Action
from ops.cloud import Cloud
from ops.decide import Target, against_target
from ops.pins import former_pins
from ops.service import Service
from ops.table import short

PERMISSIONS = former.PERMISSIONS
DIGEST = len("sha256:") + 64
"""Characters of a whole digest."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An image to go back to."""

    image: str
    commit: str = ""
    """The commit of its source, if it is known."""
    origin: str
    """Where it comes from, as a clause."""


def prepare(cloud: Cloud, stack: str, name: str, *, to: str | None, root: Path, today: str) -> Action:
    """The change of the stack file; changes nothing. Raises UserError, which lists every reason against it."""
    file = image_pins.read(root / stackfile.name(stack))
    found = service.find(cloud, stack, name, root)
    now = cloud.verb(f"rollback {stack} {name} --now")
    _require_pinned(file, found, cloud, now)
    choice = _stored(cloud, found, _candidates(found, file, to, now))
    images = {**file.images, name: choice.image}
    _check(file, stack, images, root)
    text = image_pins.edited(file, images, {name: source_commits.comment("rolled back", today, choice.commit)})
    is_new = text != file.text
    return Action(
        verb="rollback",
        subject=found.subject,
        images={name: (short(file.images[name]), short(choice.image))},
        plan=(
            f"{found.subject}: {found.state}.",
            f"{file.path.name} would pin {short(choice.image)} for {name}, {choice.origin}."
            if is_new
            else f"{file.path.name} pins {short(choice.image)} for {name} already.",
            *found.warnings,
        ),
        question=f"Write {file.path.name}?" if is_new else "",
        follow_up=(
            *([f"{file.path.name}: updated. Review and commit it, then preview the update:"] if is_new else []),
            f"  {cloud.preview}{stack}",
            f"Deploy it: {cloud.update}{stack}. In an incident, ECS goes back at once: {now}",
        ),
        details={"file": file.path.name, "before": file.images[name], "after": choice.image, "commit": choice.commit},
        perform=lambda: image_pins.save(file, text),
    )


def _require_pinned(file: StackFile, found: Service, cloud: Cloud, now: str) -> None:
    stack, name = found.described.stack, found.name
    if file.builds:
        commit = found.described.commits.get(name)
        raise UserError(
            f"{found.subject}: {stack} builds its images. Run `git revert` in the source of {name}"
            f"{f' (it runs commit {commit})' if commit else ''}, then deploy: {cloud.update}{stack}. To go back at"
            f" once, by ECS alone: {now}"
        )
    if name not in file.images:
        raise UserError(
            f"{file.path.name}: {KEY}.images: has no {name}, although {stack} runs it: the next update deletes it. Pin"
            f" it again, as an earlier commit of the file did: `git log -p {file.path.name}`. To go back at once, by"
            f" ECS alone: {now}"
        )


def _check(file: StackFile, stack: str, images: Mapping[str, str], root: Path) -> None:
    """The same rules as for a promotion. Raises UserError."""
    target = Target(stack=stack, file=file, is_dirty=git.has_changes(file.path))
    others = siblings.read(root, stack)
    if reasons := list(against_target(target, images, {}, catalogue.load(root), root, others, change="rollback")):
        raise UserError("\n".join(reasons))


def _candidates(found: Service, file: StackFile, to: str | None, now: str) -> list[Choice]:
    """The images to go back to, best first. Raises UserError if there is none."""
    pinned = [
        Choice(image=each.image, commit=each.commit, origin="which an earlier commit of the file pinned")
        for each in former_pins(file.path, found.name)
    ]
    commits = {each.image: each.commit for each in pinned if each.commit}
    with found.requesting():
        if to and (wanted := former.wanted(found, to))["number"]:
            each = former.definition(found, wanted["family"], wanted["number"])
            origin = f"which {each.revision} has"
            return [Choice(image=each.image, commit=commits.get(each.image, ""), origin=origin)]
        ran = [
            Choice(
                image=each.image,
                commit=commits.get(each.image, ""),
                origin=f"which {each.revision} ran: its deployment succeeded",
            )
            for each in history.succeeded(found)
        ]
    if to:
        return list(_with_digest(found, file, [*ran, *pinned], to))
    current = file.images[found.name]
    if older := [
        each for known in (ran, pinned) for each in former.before(known, [each.image == current for each in known])
    ]:
        return older
    raise UserError(
        f"{found.subject}: neither ECS's successful deployments of the last 90 days nor the commits of {file.path.name}"
        f" have an image from before {short(current)}. If another change is at fault, `git revert` it; to go back to"
        f" the former revision at once: {now}"
    )


def _with_digest(found: Service, file: StackFile, known: Iterable[Choice], digest: str) -> Iterator[Choice]:
    """Those with this digest, or one that begins so. Raises UserError if the digest is not known and not whole."""
    matching = [each for each in known if f"@{digest}" in each.image]
    if not matching and len(digest) < DIGEST:
        raise UserError(f"{found.subject}: no image that ran here has the digest {digest}. Give all of its 64 digits.")
    yield from matching
    if not matching:
        image = f"{file.images[found.name].partition('@')[0]}@{digest}"
        yield Choice(image=image, origin="which neither ECS nor the file's commits know")


def _stored(cloud: Cloud, found: Service, candidates: Iterable[Choice]) -> Choice:
    """The first candidate that ECR still has. Raises UserError if it has none."""
    missing: list[str] = []
    for each in candidates:
        if former.is_stored(cloud, each.image):
            return each
        missing.append(short(each.image))
    raise UserError(
        f"{found.subject}: ECR does not have {', '.join(dict.fromkeys(missing))}. Name another image: --to DIGEST; or"
        " fix the source and promote it."
    )
