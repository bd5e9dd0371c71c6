"""Brings commits up in a throw-away home and keeps what came of it."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ecs.fargate import PLATFORM
from ecs.image import Reference
from mistakes import KEY
from simulator.aws import ecr
from simulator.diff.changes import Changes, changes
from simulator.diff.losses import DATA
from simulator.diff.state import states
from simulator.diff.words import noun
from simulator.engine import CLOUD, Simulator, Step
from simulator.errors import SimulatorError
from simulator.store import Store

NO_NEWS = "update failed"
"""What the engine adds to the error that made it fail."""
URN = re.compile(r"urn:pulumi:(?P<stack>[^\s:]+)::[^\s\"';,)]*::(?P<name>[^\s\"';,)]+)")
Raw = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one `up`."""

    resources: Raw | None
    """None: nothing was begun."""
    steps: tuple[Step, ...]
    errors: tuple[str, ...]


def quiet(simulator: Simulator) -> Simulator:
    """The same for a home that is thrown away: nobody looks on, and nobody will complete what is cut off."""
    return replace(simulator, say=_nothing, checkpoints=False, color=False)


@contextmanager
def in_a_copy(simulator: Simulator) -> Generator[Simulator]:
    """The same over a throw-away copy of its home, less what only a person may want to read later.

    Raises SimulatorError while another simulator is at any stack of it: they share the cloud, half written then.
    """
    with tempfile.TemporaryDirectory(prefix="mrgnl-rehearse-") as folder:
        copy = Path(folder) / "home"
        with ExitStack() as locks:
            for lock in sorted(simulator.home.glob("*.lock")):
                locks.enter_context(simulator.lock(lock.stem))
            if simulator.home.exists():
                shutil.copytree(simulator.home, copy, ignore=shutil.ignore_patterns("backups", "history", "*.lock"))
        yield replace(quiet(simulator), home=copy)


@contextmanager
def from_nothing(simulator: Simulator) -> Generator[Simulator]:
    """The same over an empty home that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-empty-") as folder:
        yield replace(quiet(simulator), home=Path(folder))


def bring_up(simulator: Simulator, stack: str) -> Outcome:
    """Raises nothing for a person's mistake: it is among the errors."""
    try:
        result = simulator.run("up", stack)
        steps, errors = (
            result.steps,
            tuple(_message(each, simulator, stack) for each in result.errors if each != NO_NEWS),
        )
    except SimulatorError as error:
        return Outcome(resources=None, steps=(), errors=(_message(str(error), simulator, stack),))
    return Outcome(resources=simulator.resources(stack), steps=steps, errors=errors)


MOVED = (
    "It moves to another account or region. What stands in the former one stays there, and is billed, until it is"
    " destroyed with the stack file as it was."
)


def moves(simulator: Simulator, stack: str) -> bool:
    """Whether the stack file asks for another account or region than the one that the stack stands in."""
    try:
        return bool(simulator.move(stack))
    except SimulatorError:
        return False  # what is wrong with the file is said when it is brought up


def take_pins_as_pushed(simulator: Simulator, stack: str) -> None:
    """An image that the stack file pins was pushed by a run that a throw-away home knows nothing of.

    A stack file that cannot be read names none: what is wrong with it is said when the stack is brought up.
    """
    try:
        said = simulator.program.config(stack)[KEY]
        references = [Reference.parse(str(each)) for each in said["images"].values()]
    except (SimulatorError, ValueError, KeyError, TypeError, AttributeError):
        return
    simulator.home.mkdir(parents=True, exist_ok=True)
    with closing(Store(simulator.home / CLOUD)) as store:
        for reference in references:
            platform = PLATFORM.get(said.get("architecture", "x86-64"), "")
            ecr.take_as_pushed(store, reference, platform=platform)


def compared(stack: str, before: Raw, after: Outcome, notes: Iterable[str] = ()) -> Changes:
    resources = before if after.resources is None else after.resources
    return changes(stack, *states(before, resources), after.steps, refused=after.errors, notes=notes)


def removed(stack: str, before: Raw | None) -> str:
    """What remains of a stack whose file is gone."""
    state, _ = states(before or [], [])
    holding = [f"{noun(each.type)} {each.name}" for each in state.resources.values() if each.type in DATA]
    remains = ", ".join([*sorted(state.services), *sorted(holding)])
    return (
        f"That deletes nothing. If it is deployed, it stays: {remains or 'nothing'}."
        f" pulumi destroy --stack {stack}, from a commit that still has the file, deletes it."
    )


def _message(text: str, simulator: Simulator, stack: str) -> str:
    """Less colours and this machine's folders, and with names in place of URNs."""

    def named(urn: re.Match[str]) -> str:
        return urn["name"] if urn["stack"] == stack else f"{urn['name']} of stack {urn['stack']}"

    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{simulator.program.root}/", "")
    return URN.sub(named, plain).strip()


def _nothing(_: str) -> None:
    """The engine's own progress is no part of the answer."""
