"""`rollback --now`: ECS deploys the former revision of a service at once; the stack file stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from config.problems import UserError
from ops import former, history, pins, service
from ops.action import Action
from ops.cloud import Cloud
from ops.history import Definition
from ops.service import Service
from ops.table import short

PERMISSIONS = (*former.PERMISSIONS, "ecs:UpdateService")


def prepare(cloud: Cloud, stack: str, name: str, *, to: str | None, root: Path) -> Action:
    """Reads the service and decides; changes nothing. Raises UserError."""
    found = service.find(cloud, stack, name, root)
    with found.requesting():
        current = history.definition(found, found.running.revision)
        target = _revision(found, to, cloud)
    if not former.is_stored(cloud, target.image):
        raise UserError(
            f"{found.subject}: ECR no longer has {short(target.image)} of {target.revision}: its tasks could not start."
            f" Name another revision: --to REVISION. {former.listing(found)}"
        )

    return Action(
        verb="rollback",
        subject=found.subject,
        images={name: (short(found.running.image), short(target.image))},
        plan=(
            f"{found.subject}: {found.state}.",
            f"ECS would deploy {target.revision} in place of {found.running.revision}, at once.",
            *_other_secrets(current, target),
            *found.warnings,
        ),
        question=f"Deploy {target.revision}?",
        follow_up=(
            f"{found.subject}: a deployment of {target.revision} was started."
            f" Follow it: {cloud.verb(f'status {stack}')}",
            _must_follow(cloud, found, root),
        ),
        details={
            "before": {"revision": found.running.revision, "image": found.running.image},
            "after": {"revision": target.revision, "image": target.image},
        },
        perform=partial(found.update, taskDefinition=target.revision),
    )


def _revision(found: Service, to: str | None, cloud: Cloud) -> Definition:
    """The revision to deploy. Raises UserError if there is none."""
    declared = found.described.images[found.name]
    if to:
        wanted = former.wanted(found, to)
        if wanted["number"]:
            return former.definition(found, wanted["family"], wanted["number"])
        matching = [each for each in history.succeeded(found) if f"@{wanted['digest']}" in each.image]
        problem = f"no revision with the digest {to} was deployed successfully in the last 90 days"
    elif found.running.image != declared and found.running.is_steady:
        raise UserError(
            f"{found.subject}: ECS runs {short(found.running.image)} ({found.running.revision}) already, not"
            f" {short(declared)} of the stack's outputs. To keep it, revert what deployed the other:"
            f" {cloud.verb(f'rollback {found.described.stack} {found.name}')}. To go further back: --to REVISION"
        )
    else:
        ran = history.succeeded(found)
        matching = former.before(ran, [each.revision == found.running.revision for each in ran])
        problem = "ECS knows no earlier revision whose deployment succeeded in the last 90 days"
    if not matching:
        raise UserError(f"{found.subject}: {problem}. Name a revision: --to REVISION. {former.listing(found)}")
    return matching[0]


def _other_secrets(current: Definition | None, target: Definition) -> Iterator[str]:
    """A warning if the target reads another version of a secret: a rotation is not undone with the revision."""
    if current is None:
        return
    differing = sorted(key for key, value in target.secrets.items() if current.secrets.get(key, value) != value)
    if differing:
        yield (
            f"{target.revision} reads another secret or version for {', '.join(differing)}: if it was rotated since,"
            " the former value may be refused."
        )


def _must_follow(cloud: Cloud, found: Service, root: Path) -> str:
    """What the next update would do, and the command that prevents it."""
    stack, name = found.described.stack, found.name
    if (file := pins.file(root, stack)) and not file.builds:
        revert = f"pin the former image, {cloud.verb(f'rollback {stack} {name}')}, and commit it"
    else:
        revert = f"`git revert` the commit, in the source of {name}, in services.py or in the program"
    return (
        f"The next update with a refresh deploys the image of {found.running.revision} again. To keep the rollback:"
        f" {revert}. Then deploy: {cloud.update}{stack}"
    )
