"""Every reason against a promotion, with its message; and what one comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import yaml

from ecs.image import Reference
from promotion.decide import Plan, Target, decide
from promotion.errors import PromotionError
from promotion.running import Running
from promotion.source import Source
from services import CATALOGUE
from tests.declared import REGION, ROOT, SMALL_STACK

ALL = CATALOGUE.names
NEW, OLD = "1" * 64, "0" * 64


def image(name: str, digits: str = NEW) -> str:
    return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:{digits}"


def images(*names: str, digits: str = NEW) -> dict[str, str]:
    return {name: image(name, digits) for name in names}


def runs(name: str) -> Running:
    return Running(
        deployments=("PRIMARY COMPLETED",),
        tasks=2,
        desired=2,
        revision=f"mrgnl-{name}:7",
        image=image(name),
        cpu_architecture="X86_64",
    )


SOURCE = Source(stack="dev", images=images(*ALL), services={name: f"arn:{name}" for name in ALL}, update="succeeded")
SETTINGS = {key: value for key, value in yaml.safe_load(SMALL_STACK).items() if key != "build"}
TARGET = Target(
    stack="prod", file="Pulumi.prod.yaml", region=REGION, settings={**SETTINGS, "images": {}}, images={}, is_dirty=False
)


@dataclass(frozen=True, kw_only=True)
class World:
    """dev runs all of them well; prod pins none as yet."""

    source: Source = SOURCE
    running: Mapping[str, Running] = field(default_factory=lambda: {name: runs(name) for name in ALL})
    held: frozenset[str] = frozenset(image(name) for name in ALL)
    target: Target = TARGET
    only: tuple[str, ...] = ()

    @property
    def plan(self) -> Plan:
        return decide(
            source=self.source,
            running=self.running,
            held=self.held,
            target=self.target,
            catalogue=CATALOGUE,
            root=ROOT,
            only=self.only,
        )

    @property
    def refusal(self) -> list[str]:
        with pytest.raises(PromotionError) as refused:
            _ = self.plan
        return str(refused.value).splitlines()


def pinning(pinned: dict[str, str], **changes: Any) -> Target:
    return replace(TARGET, images=pinned, settings={**SETTINGS, "images": pinned}, **changes)


def running(name: str, **changes: Any) -> dict[str, Running]:
    return {**{each: runs(each) for each in ALL}, name: replace(runs(name), **changes)}


def without(name: str) -> dict[str, Running]:
    return {each: runs(each) for each in ALL if each != name}


AFTER = "(as it would be after the promotion)"
THERE = f"there are {', '.join(ALL)}"
REFUSALS: dict[str, tuple[World, list[str]]] = {
    "an update in progress": (
        World(source=replace(SOURCE, update="in-progress")),
        ["dev: an update is in progress: wait for it"],
    ),
    "a failed update": (
        World(source=replace(SOURCE, update="failed")),
        ["dev: its last update failed: mend what failed and bring it up again"],
    ),
    "an update that was cut off": (
        World(source=replace(SOURCE, pending=("mcp-service", "mcp-logs"))),
        [
            "dev: an update is at work on mcp-service, mcp-logs, or was cut off there: wait for it, or settle it by"
            " `pulumi refresh` and another update"
        ],
    ),
    "a source that runs nothing": (
        World(source=Source(stack="dev", images={}, services={})),
        ["dev: it runs no service: bring it up first"],
    ),
    "a rollout that goes on": (
        World(running=running("mcp", deployments=("PRIMARY IN_PROGRESS", "ACTIVE COMPLETED"))),
        [
            "dev: mcp: its rollout is not complete: 2 of 2 tasks run, and the deployments are PRIMARY IN_PROGRESS,"
            " ACTIVE COMPLETED: wait for it"
        ],
    ),
    "tasks that do not run": (
        World(running=running("mcp", tasks=1)),
        [
            "dev: mcp: its rollout is not complete: 1 of 2 tasks run, and the deployments are PRIMARY COMPLETED:"
            " wait for it"
        ],
    ),
    "no task that is to run": (
        World(running=running("mcp", tasks=0, desired=0)),
        [
            "dev: mcp: its rollout is not complete: 0 of 0 tasks run, and the deployments are PRIMARY COMPLETED:"
            " wait for it"
        ],
    ),
    "a service that ECS does not have": (
        World(running=without("mcp")),
        ["dev: mcp: ECS has no such service: bring the stack up again"],
    ),
    "another digest than the output's": (
        World(running=running("mcp", image=image("mcp", OLD), revision="mrgnl-mcp:6")),
        [
            f"dev: mcp: ECS runs sha256:{OLD} (mrgnl-mcp:6), not sha256:{NEW} as the stack's outputs say: bring it up"
            " again, and see why it was rolled back"
        ],
    ),
    "a revision without the container": (
        World(running=running("mcp", image="")),
        [
            f"dev: mcp: ECS runs no image (mrgnl-mcp:7), not sha256:{NEW} as the stack's outputs say: bring it up"
            " again, and see why it was rolled back"
        ],
    ),
    "a digest that ECR does not hold": (
        World(held=frozenset(images(*ALL[1:]).values())),
        [f"dev: authsvc: ECR does not hold {image('authsvc')}: build it again"],
    ),
    "an image that is no digest in ECR": (
        World(source=replace(SOURCE, images={**SOURCE.images, "chatsvc": "docker.io/chatsvc:latest"})),
        [
            "dev: chatsvc: its image 'docker.io/chatsvc:latest' is not in ECR and by digest, as every image is that can"
            " be promoted",
            'Pulumi.prod.yaml: marginalia:stack.images.chatsvc is "docker.io/chatsvc:latest":'
            f" <account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex> {AFTER}",
        ],
    ),
    "another architecture": (
        World(target=replace(TARGET, settings={**SETTINGS, "images": {}, "architecture": "arm64"}), only=("authsvc",)),
        ['Pulumi.prod.yaml: marginalia:stack.architecture is "arm64": the image of authsvc runs on X86_64'],
    ),
    "a target that builds": (
        World(target=replace(TARGET, settings=yaml.safe_load(SMALL_STACK))),
        ["Pulumi.prod.yaml: marginalia:stack.build: prod builds its images: only a stack with `images` takes others"],
    ),
    "a target that calls what does not run": (
        World(target=pinning(images(*sorted({*ALL} - {"mcp", "scrapsvc"}))), only=("mcp",)),
        [
            "Pulumi.prod.yaml: marginalia:stack.images.scrapsvc: an image of scrapsvc, which mcp calls:"
            f" promote it first {AFTER}"
        ],
    ),
    "a target with another mistake": (
        World(target=replace(TARGET, settings={**SETTINGS, "images": {}, "spott": 5})),
        [
            "Pulumi.prod.yaml: marginalia:stack.spott: no such key; the keys are account, architecture, bucket, build,"
            " database, images, ingress, insights, log-retention-days, network, prefix, probe, protect, secrets, sizes,"
            f" spot {AFTER}"
        ],
    ),
    "a service that the catalogue does not know": (
        World(only=("authsvc", "nosvc")),
        [f"dev: nosvc: no such service in services.py; {THERE}"],
    ),
    "a service of the source that the catalogue does not know": (
        World(source=replace(SOURCE, images=images(*ALL, "nosvc"))),
        [
            f"dev: nosvc: no such service in services.py; {THERE}",
            f"Pulumi.prod.yaml: marginalia:stack.images.nosvc: no such service; {THERE} {AFTER}",
        ],
    ),
    "a service that the source does not run": (
        World(source=replace(SOURCE, images=images("authsvc", "chatsvc")), only=("promptsvc",)),
        ["dev: promptsvc: it does not run it; it runs authsvc, chatsvc"],
    ),
    "a file with uncommitted changes": (
        World(target=replace(TARGET, is_dirty=True)),
        ["Pulumi.prod.yaml: it has changes that are not committed: commit them, so that this one stands alone"],
    ),
}


@pytest.mark.parametrize(("world", "messages"), REFUSALS.values(), ids=REFUSALS)
def test_a_promotion_is_refused_with_one_clear_message_for(world: World, messages: list[str]) -> None:
    assert world.refusal == messages


def test_every_reason_is_named_at_once() -> None:
    world = World(
        source=replace(SOURCE, update="failed"),
        running=running("mcp", tasks=0),
        held=frozenset(images(*ALL[1:]).values()),
        target=replace(TARGET, is_dirty=True),
    )
    assert world.refusal == [
        "dev: its last update failed: mend what failed and bring it up again",
        f"dev: authsvc: ECR does not hold {image('authsvc')}: build it again",
        "dev: mcp: its rollout is not complete: 0 of 2 tasks run, and the deployments are PRIMARY COMPLETED:"
        " wait for it",
        "Pulumi.prod.yaml: it has changes that are not committed: commit them, so that this one stands alone",
    ]


def test_all_that_the_source_runs_is_promoted_and_sorted() -> None:
    source = replace(SOURCE, images=dict(reversed(images(*ALL).items())))
    plan = World(source=source).plan
    assert list(plan.images.items()) == list(images(*ALL).items())
    assert plan.promoted == {name: Reference.parse(image(name)) for name in ALL}


def test_only_the_services_asked_for_are_promoted_and_the_others_stay() -> None:
    plan = World(target=pinning(images(*ALL, digits=OLD)), only=("promptsvc",)).plan
    assert plan.images == {**images(*ALL, digits=OLD), "promptsvc": image("promptsvc")}
    assert list(plan.promoted) == ["promptsvc"]


def test_what_is_wrong_with_a_service_that_is_not_promoted_does_not_matter() -> None:
    assert list(
        World(running=running("authsvc", tasks=0), held=frozenset({image("chatsvc")}), only=("chatsvc",)).plan.images
    ) == ["chatsvc"]


def test_a_service_of_the_target_that_the_source_does_not_run_stays() -> None:
    source = replace(SOURCE, images=images("authsvc"))
    plan = World(source=source, target=pinning(images("chatsvc", "authsvc", digits=OLD))).plan
    assert list(plan.images.items()) == [("authsvc", image("authsvc")), ("chatsvc", image("chatsvc", OLD))]
    assert list(plan.promoted) == ["authsvc"]


def test_a_promotion_that_changes_nothing_is_not_refused_for_an_uncommitted_file() -> None:
    """Twice changes nothing, whether or not the first one was committed in between."""
    assert World(target=pinning(images(*ALL), is_dirty=True)).plan.images == images(*ALL)


def test_a_target_that_is_not_closed_is_mended_by_a_promotion_that_closes_it() -> None:
    assert World(target=pinning(images("mcp", digits=OLD))).plan.images == images(*ALL)
