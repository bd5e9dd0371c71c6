"""Every reason against a promotion with its message, and the image pins of an allowed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import siblings
from config.image_pins import StackFile
from config.problems import UserError
from config.siblings import Sibling
from config.stackfile import KEY
from ecs.image import Reference
from ops.decide import Plan, Target, decide
from ops.ecs import Running
from ops.stack import Description
from tests.declared import CATALOGUE, REGION, ROOT, SMALL_STACK
from tests.images import image, images
from tests.unit.config.stack_settings import KEYS

ALL = CATALOGUE.names
NEW, OLD = "1", "0"
"""The digit that the digests repeat."""


def runs(name: str) -> Running:
    return Running(
        deployments=("PRIMARY COMPLETED",),
        tasks=2,
        desired=2,
        revision=f"mrgnl-{name}:7",
        image=image(name, NEW),
        cpu_architecture="X86_64",
    )


SOURCE = Description(
    stack="dev", images=images(ALL, NEW), services={name: f"arn:{name}" for name in ALL}, update="succeeded"
)
SETTINGS = {key: value for key, value in yaml.safe_load(SMALL_STACK).items() if key != "build"}


def configured(settings: Mapping[str, Any], *, is_dirty: bool = False) -> Target:
    """Prod with these settings."""
    file = StackFile(
        path=Path("Pulumi.prod.yaml"), text="", region=REGION, settings=settings, images=settings.get("images", {})
    )
    return Target(stack="prod", file=file, is_dirty=is_dirty)


def pinning(pinned: Mapping[str, str], *, is_dirty: bool = False, **settings: Any) -> Target:
    return configured({**SETTINGS, "images": pinned, **settings}, is_dirty=is_dirty)


TARGET = pinning({})


@dataclass(frozen=True, kw_only=True)
class World:
    """All services of dev are steady; prod pins no image."""

    source: Description = SOURCE
    running: Mapping[str, Running] = field(default_factory=lambda: {name: runs(name) for name in ALL})
    stored: frozenset[str] = frozenset(images(ALL, NEW).values())
    target: Target = TARGET
    only: tuple[str, ...] = ()
    others: tuple[Sibling, ...] = ()

    @property
    def plan(self) -> Plan:
        return decide(
            source=replace(self.source, running=self.running),
            stored=self.stored,
            target=self.target,
            catalogue=CATALOGUE,
            root=ROOT,
            only=self.only,
            others=self.others,
        )

    @property
    def refusal(self) -> list[str]:
        with pytest.raises(UserError) as rejected:
            _ = self.plan
        return str(rejected.value).splitlines()


def running(name: str, **changes: Any) -> dict[str, Running]:
    return {**{each: runs(each) for each in ALL}, name: replace(runs(name), **changes)}


def without(name: str) -> dict[str, Running]:
    return {each: runs(each) for each in ALL if each != name}


AFTER = "(after the promotion)"


def adding(name: str) -> str:
    return f"(after the promotion, which adds {name}; --service names the services to promote)"


THERE = f"The services are {', '.join(ALL)}"
REFUSALS: dict[str, tuple[World, list[str]]] = {
    "an update in progress": (
        World(source=replace(SOURCE, update="in-progress")),
        ["dev: an update is in progress. Wait for it to complete."],
    ),
    "a failed update": (
        World(source=replace(SOURCE, update="failed")),
        ["dev: the last update failed. Fix the cause, run `pulumi up --refresh`."],
    ),
    "an update that may have been empty": (
        World(source=replace(SOURCE, update="unproven")),
        [
            "dev: the last update succeeded without a refresh after one that failed, and may have changed nothing."
            " Run `pulumi up --refresh`."
        ],
    ),
    "an update that was interrupted": (
        World(source=replace(SOURCE, pending=("mcp-service", "mcp-logs"))),
        [
            "dev: pending operations on mcp-service, mcp-logs. Wait for the update to complete; if it was interrupted,"
            " run `pulumi refresh --clear-pending-creates`, then `pulumi up --refresh`."
        ],
    ),
    "a source without services": (
        World(source=Description(stack="dev", images={}, services={})),
        ["dev: runs no services. Deploy them first."],
    ),
    "a rollout in progress": (
        World(running=running("mcp", deployments=("PRIMARY IN_PROGRESS", "ACTIVE COMPLETED"))),
        [
            "dev/mcp: rollout in progress (2 of 2 tasks; PRIMARY IN_PROGRESS, ACTIVE COMPLETED)."
            " Wait for it to complete."
        ],
    ),
    "fewer tasks than desired": (
        World(running=running("mcp", tasks=1)),
        ["dev/mcp: rollout in progress (1 of 2 tasks; PRIMARY COMPLETED). Wait for it to complete."],
    ),
    "no desired task": (
        World(running=running("mcp", tasks=0, desired=0)),
        ["dev/mcp: desired count is 0. Scale the service to at least one task."],
    ),
    "a service that ECS does not have": (
        World(running=without("mcp")),
        ["dev/mcp: does not exist in ECS. Run `pulumi up --refresh`."],
    ),
    "another digest than the output's": (
        World(running=running("mcp", image=image("mcp", OLD), revision="mrgnl-mcp:6")),
        [
            f"dev/mcp: ECS runs sha256:{OLD * 64} (mrgnl-mcp:6), not sha256:{NEW * 64} of the stack's outputs."
            " Find out why the deployment was rolled back, run `pulumi up --refresh`."
        ],
    ),
    "a revision without the container": (
        World(running=running("mcp", image="")),
        [
            f"dev/mcp: ECS runs no image (mrgnl-mcp:7), not sha256:{NEW * 64} of the stack's outputs."
            " Find out why the deployment was rolled back, run `pulumi up --refresh`."
        ],
    ),
    "an image that does not exist in ECR": (
        World(stored=frozenset(images(ALL[1:], NEW).values())),
        [f"dev/authsvc: image {image('authsvc', NEW)} does not exist in ECR. Build it again."],
    ),
    "an image that is not an ECR image by digest": (
        World(source=replace(SOURCE, images={**SOURCE.images, "chatsvc": "docker.io/chatsvc:latest"})),
        [
            "dev/chatsvc: image 'docker.io/chatsvc:latest' is not an ECR image by digest. Only those can be promoted.",
            'Pulumi.prod.yaml: marginalia:stack.images.chatsvc is "docker.io/chatsvc:latest":'
            f" must be <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>. {adding('chatsvc')}",
        ],
    ),
    "another architecture": (
        World(target=pinning({}, architecture="arm64"), only=("authsvc",)),
        [
            'Pulumi.prod.yaml: marginalia:stack.architecture is "arm64", but the image of authsvc is for X86_64.'
            " Configure both stacks with the same architecture."
        ],
    ),
    "a target that builds": (
        World(target=configured(yaml.safe_load(SMALL_STACK))),
        [
            "Pulumi.prod.yaml: marginalia:stack.build: prod builds its images, so none can be promoted to it."
            " Did you mean to promote from prod?"
        ],
    ),
    "a target without an image of a callee": (
        World(target=pinning(images(sorted({*ALL} - {"mcp", "scrapsvc"}), NEW)), only=("mcp",)),
        [
            "Pulumi.prod.yaml: marginalia:stack.images.scrapsvc: missing. mcp calls scrapsvc: promote it before the"
            f" call, end the call before the removal. {adding('mcp')}"
        ],
    ),
    "a target with another problem": (
        World(target=pinning({}, spott=5)),
        [f"Pulumi.prod.yaml: marginalia:stack.spott: no such key. Did you mean spot? The keys are {KEYS}. {AFTER}"],
    ),
    "a service that the catalogue does not know": (
        World(only=("authsvc", "nosvc")),
        [f"nosvc: no such service in services.py. {THERE}."],
    ),
    "a service of the source that the catalogue does not know": (
        World(source=replace(SOURCE, images=images([*ALL, "nosvc"], NEW))),
        [
            f"nosvc: no such service in services.py. {THERE}.",
            f"Pulumi.prod.yaml: marginalia:stack.images.nosvc: no such service. {THERE}. {adding('nosvc')}",
        ],
    ),
    "a service that the source does not run": (
        World(source=replace(SOURCE, images=images(["authsvc", "chatsvc"], NEW)), only=("promptsvc",)),
        ["dev/promptsvc: not deployed; dev runs authsvc, chatsvc."],
    ),
    "a file with uncommitted changes": (
        World(target=pinning({}, is_dirty=True)),
        ["Pulumi.prod.yaml: has uncommitted changes. Commit or discard them first."],
    ),
}


@pytest.mark.parametrize(("world", "messages"), REFUSALS.values(), ids=REFUSALS)
def test_a_promotion_is_rejected_for(world: World, messages: list[str]) -> None:
    assert world.refusal == messages


def test_a_promotion_is_rejected_for_a_target_that_shares_a_name_with_another_stack() -> None:
    other = siblings.sibling("Pulumi.dev.yaml", {"aws:region": REGION, KEY: yaml.safe_load(SMALL_STACK)})
    assert other
    assert World(others=(other,)).refusal == [
        'Pulumi.prod.yaml: marginalia:stack.bucket.name is "marginalia-content-test": must differ from that of'
        f" Pulumi.dev.yaml. Names of S3 buckets are global. {AFTER}",
        'Pulumi.prod.yaml: marginalia:stack.prefix is "mrgnl": must differ from that of Pulumi.dev.yaml, which has the'
        f" same account and region. {AFTER}",
    ]


def test_every_reason_is_reported_at_once() -> None:
    world = World(
        source=replace(SOURCE, update="failed"),
        running=running("mcp", tasks=0),
        stored=frozenset(images(ALL[1:], NEW).values()),
        target=pinning({}, is_dirty=True),
    )
    assert world.refusal == [
        "dev: the last update failed. Fix the cause, run `pulumi up --refresh`.",
        f"dev/authsvc: image {image('authsvc', NEW)} does not exist in ECR. Build it again.",
        "dev/mcp: rollout in progress (0 of 2 tasks; PRIMARY COMPLETED). Wait for it to complete.",
        "Pulumi.prod.yaml: has uncommitted changes. Commit or discard them first.",
    ]


def test_all_services_of_the_source_are_promoted_sorted_by_name() -> None:
    source = replace(SOURCE, images=dict(reversed(images(ALL, NEW).items())))
    plan = World(source=source).plan
    assert list(plan.images.items()) == list(images(ALL, NEW).items())
    assert plan.promoted == {name: Reference.parse(image(name, NEW)) for name in ALL}


def test_services_that_are_not_selected_keep_their_images() -> None:
    plan = World(target=pinning(images(ALL, OLD)), only=("promptsvc",)).plan
    assert plan.images == {**images(ALL, OLD), "promptsvc": image("promptsvc", NEW)}
    assert list(plan.promoted) == ["promptsvc"]


def test_problems_of_services_that_are_not_selected_are_ignored() -> None:
    assert list(
        World(
            running=running("authsvc", tasks=0), stored=frozenset({image("chatsvc", NEW)}), only=("chatsvc",)
        ).plan.images
    ) == ["chatsvc"]


def test_a_service_that_only_the_target_runs_keeps_its_image() -> None:
    source = replace(SOURCE, images=images(["authsvc"], NEW))
    plan = World(source=source, target=pinning(images(["chatsvc", "authsvc"], OLD))).plan
    assert list(plan.images.items()) == [("authsvc", image("authsvc", NEW)), ("chatsvc", image("chatsvc", OLD))]
    assert list(plan.promoted) == ["authsvc"]


def test_a_promotion_without_changes_is_allowed_with_an_uncommitted_file() -> None:
    """A promotion can be repeated before its first result is committed."""
    assert World(target=pinning(images(ALL, NEW), is_dirty=True)).plan.images == images(ALL, NEW)


def test_a_promotion_may_add_the_missing_callees_of_a_target() -> None:
    assert World(target=pinning(images(["mcp"], OLD))).plan.images == images(ALL, NEW)
