"""A promotion from its first question to the file: everything is decided before anything is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from ecs.image import Reference
from promotion import registry, running, source, stackfile
from promotion.cloud import Cloud, asking
from promotion.decide import Plan, Target, chosen, decide
from promotion.registry import Manifest
from promotion.running import Running
from promotion.source import Source
from promotion.stackfile import StackFile
from services import Catalogue


@dataclass(frozen=True, kw_only=True)
class Promotion:
    """One that may be, and has not been yet."""

    target: str
    plan: Plan
    file: StackFile
    text: str
    """Of the file, as it will be."""
    manifests: Mapping[str, Manifest]
    """By service, what ECR holds of it."""

    def carry_out(self, cloud: Cloud) -> None:
        """Tags, then writes. Cut off in between, it is completed by the next: tags that are there are no error."""
        for name, reference in sorted(self.plan.promoted.items()):
            where = reference.repository
            with asking("ECR", where.account, where.region):
                ecr = cloud.ecr(where.account, where.region)
                registry.tag(ecr, reference, self.manifests[name], registry.tag_of(self.target, reference))
        if self.text != self.file.text:
            stackfile.save(self.file, self.text)


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
    """Asks, decides and changes nothing. Raises PromotionError, which names every reason against it.

    `only` are the services asked for, all that the source runs when empty; `today` is for the comment in the file.
    """
    file = stackfile.read(root / f"Pulumi.{target_stack}.yaml")
    with cloud.session(source_stack) as session:
        found = source.read(session)
    names = chosen(found, only)
    manifests = _manifests(cloud, found, names)
    plan = decide(
        source=found,
        running=_running(cloud, found, names),
        held={found.images[name] for name in manifests},
        target=Target(
            stack=target_stack,
            file=file.path.name,
            region=file.region,
            settings=file.settings,
            images=file.images,
            is_dirty=stackfile.has_changes(file.path),
        ),
        catalogue=catalogue,
        root=root,
        only=only,
    )
    text = stackfile.edited(file, plan.images, f"promoted from {source_stack}, {today}")
    return Promotion(target=target_stack, plan=plan, file=file, text=text, manifests=manifests)


def _running(cloud: Cloud, found: Source, names: Collection[str]) -> dict[str, Running]:
    services = {name: found.services[name] for name in names if name in found.services}
    if not services:
        return {}
    _, _, _, region, account, _ = found.cluster.split(":", 5)
    with asking("ECS", account, region):
        return running.look(cloud.ecs(account, region), cluster=found.cluster, services=services)


def _manifests(cloud: Cloud, found: Source, names: Collection[str]) -> dict[str, Manifest]:
    manifests: dict[str, Manifest] = {}
    for name in names:
        try:
            reference = Reference.parse(found.images[name])
        except ValueError:
            continue  # refused when everything is decided
        where = reference.repository
        with asking("ECR", where.account, where.region):
            held = registry.manifest(cloud.ecr(where.account, where.region), reference)
        if held:
            manifests[name] = held
    return manifests
