"""Promotions of the job of the program that creates logins, which is in no catalogue."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.images import image
from tests.unit.ops.test_decide import AFTER, ALL, NEW, SOURCE, World, pinning

LOGINS = {"image": image("logins", NEW), "image-of": "logins"}
REFUSALS: dict[str, tuple[World, list[str]]] = {
    "logins that only the target has": (
        World(target=pinning({}, database={"logins": "own"})),
        [
            "Pulumi.prod.yaml: marginalia:stack.images.logins: missing. database.logins is own: promote the image of"
            f" the job that creates logins, from a stack that has them. {AFTER}"
        ],
    ),
    "the job of the logins of a source without them": (
        World(only=("logins",)),
        [f"dev/logins: not deployed; dev runs {', '.join(ALL)}."],
    ),
    "an image of the job of the logins that does not exist in ECR": (
        World(source=replace(SOURCE, jobs={"logins": LOGINS})),
        [f"dev/logins: image {image('logins', NEW)} does not exist in ECR. Build it again."],
    ),
}


@pytest.mark.parametrize(("world", "messages"), REFUSALS.values(), ids=REFUSALS)
def test_a_promotion_is_rejected_for(world: World, messages: list[str]) -> None:
    assert world.refusal == messages
