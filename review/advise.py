"""Tries changes of a stack file that may cost less: declares each changed stack and estimates it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.problems import UserError
from config.stackfile import KEY
from cost import advice
from cost.advice import Advice, Candidate
from cost.deployment import read
from cost.estimate import Estimate, estimate
from review import trial
from simulator.cli import log
from simulator.engine import Simulator
from simulator.program import Program

LEAST = 0.005
"""USD a month; less than that is shown as nothing."""


@dataclass(frozen=True)
class _Changed(Program):
    """The program with another configuration than its stack file's."""

    section: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def config(self, stack: str) -> dict[str, Any]:
        return {**super().config(stack), KEY: self.section}


def advise(simulated: Simulator, stack: str, current: Estimate) -> tuple[Advice, ...]:
    """The changes that cost less, the largest saving first. Raises UserError as trial.declared does."""
    section = simulated.program.config(stack)[KEY]
    found = [each for one in advice.candidates(section) if (each := _tried(simulated, stack, one, current))]
    return tuple(sorted(found, key=lambda each: (-each.saves_least, -each.saves_most)))


def _tried(simulated: Simulator, stack: str, candidate: Candidate, current: Estimate) -> Advice | None:
    """None if it saves nothing, if a rule between keys forbids it, or if a price is not known."""
    log(f"{stack}: estimating {candidate.text}")
    program = _Changed(simulated.program.root, section=candidate.section)
    try:
        changed = estimate(read(trial.declared(replace(simulated, program=program), stack)))
    except UserError:
        return None
    saves = current.least - changed.least, current.most - changed.most
    if max(saves) < LEAST or set(changed.unknown) - set(current.unknown):
        return None
    return Advice(text=candidate.text, loses=candidate.loses, saves_least=saves[0], saves_most=saves[1])
