"""The times of updates on AWS in docs/performance.md: those of both stacks, as committed, on the real engine."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator

from config import catalogue
from review import trial
from review.changes.duration.path import Duration
from review.changes.duration.wait import Wait
from review.render.duration import clock
from tests.declared import ROOT
from tests.engine.conftest import Checkout
from tests.images import image, images
from tests.review.test_diff import RENEW

PAGE = ROOT / "docs" / "performance.md"
BLOCK = re.compile(r"(?<=<!-- times -->\n).*?(?=<!-- end -->)", re.DOTALL)
CATALOGUE = catalogue.load(ROOT)
PUBLIC = next(each.name for each in CATALOGUE if each.public)
OTHER = next(each.name for each in CATALOGUE if not each.public)
Row = tuple[str, str, Duration]
"""The update, the stack and its time."""


def test_the_page_has_the_times_of_both_stacks_as_committed(as_committed: Checkout) -> None:
    rows = [*_dev(as_committed), *_prod(as_committed)]
    text = PAGE.read_text()
    current = BLOCK.sub(lambda _: _block(sorted(rows, key=lambda row: row[0] != "first deployment")), text)
    if RENEW in os.environ:
        PAGE.write_text(current)
    assert PAGE.read_text() == current, f"{RENEW}=1 .venv/bin/python -m pytest {__file__} writes it"


def _dev(checkout: Checkout) -> Iterator[Row]:
    """Builds each service from a folder of its own."""
    for name in CATALOGUE.names:
        shutil.copytree(ROOT / "image" / "sample", checkout.sources / f"mrgnl-{name}")
    checkout.edit("dev", lambda stack: stack["build"].update(context="../mrgnl-{service}"))
    yield "first deployment", "dev", _deployed(checkout, "dev")
    for name in (OTHER, PUBLIC):
        main = checkout.sources / f"mrgnl-{name}" / "cmd" / "server" / "main.go"
        main.write_text(f"{main.read_text()}\n// a comment\n")
        yield f"image of {name}", "dev", _deployed(checkout, "dev")


def _prod(checkout: Checkout) -> Iterator[Row]:
    checkout.edit("prod", lambda stack: stack.update(images=images(CATALOGUE.names)))
    yield "first deployment", "prod", _deployed(checkout, "prod")
    for name in (OTHER, PUBLIC):
        checkout.edit("prod", lambda stack, name=name: stack["images"].update({name: image(name, "b")}))
        yield f"image of {name}", "prod", _deployed(checkout, "prod")


def _deployed(checkout: Checkout, stack: str) -> Duration:
    before = checkout.home.resources(stack) if checkout.home.path.exists() else []
    found = trial.compared(stack, before, trial.deploy_checked(checkout.simulator, stack))
    assert found.duration, found.errors
    return found.duration


def _block(rows: Iterable[Row]) -> str:
    rows = list(rows)
    waits = {wait.what: wait for *_, found in rows for stage in found.stages for wait in stage.waits}
    return "\n".join(
        [
            "| update | stack | time | its longest path |",
            "|---|---|---|---|",
            *(f"| {update} | {stack} | {clock(found.seconds)} | {_path(found)} |" for update, stack, found in rows),
            "",
            "| wait | time | known from |",
            "|---|---|---|",
            *(
                f"| {each.what} | {clock(each.seconds)} | {'weak: ' * each.weak}{each.source} |"
                for each in waits.values()
            ),
            "",
        ]
    )


def _path(found: Duration) -> str:
    return "; ".join(
        f"**{stage.component or 'the stack'}{', deletions' * stage.deletes}** {_waits(stage.waits)}"
        for stage in found.stages
    )


def _waits(waits: Iterable[Wait]) -> str:
    return ", ".join(
        f"{f'{number} times ' * (number > 1)}{wait.what} {clock(number * wait.seconds)}"
        for wait, number in Counter(waits).items()
    )
