"""Brings commits up in a throw-away home and keeps what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simulator.diff.changes import Changes, changes
from simulator.diff.state import states
from simulator.engine import Simulator, Step
from simulator.errors import SimulatorError

Raw = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of one `up`."""

    resources: Raw | None
    """None: nothing was begun."""
    steps: tuple[Step, ...]
    errors: tuple[str, ...]


def bring_up(simulator: Simulator, stack: str) -> Outcome:
    """Raises nothing for a person's mistake: it is among the errors."""
    try:
        result = simulator.run("up", stack)
        steps, errors = result.steps, tuple(_message(each, simulator) for each in result.errors)
    except SimulatorError as error:
        return Outcome(resources=None, steps=(), errors=(_message(str(error), simulator),))
    return Outcome(resources=simulator.resources(stack), steps=steps, errors=errors)


def compared(stack: str, before: Raw, after: Outcome, notes: Iterable[str] = ()) -> Changes:
    resources = before if after.resources is None else after.resources
    return changes(stack, *states(before, resources), after.steps, refused=after.errors, notes=notes)


def _message(text: str, simulator: Simulator) -> str:
    """Less colours and this machine's folders."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text).replace(f"{simulator.program.root}/", "").strip()
