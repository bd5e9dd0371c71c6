"""Runs sequences, each in this process's own checkout of the program."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from simulator import toolchain
from tests.declared import ROOT
from tests.engine.conftest import Checkout, program_in
from tests.fuzz.commands import Commands
from tests.fuzz.sequence import Sequence


@dataclass(frozen=True)
class Report:
    seed: int
    problems: tuple[str, ...]
    played: int
    """The number of faults and kills."""
    log: tuple[str, ...]

    def __str__(self) -> str:
        """The problems, the two stack files, the commands with their faults and messages, and how to repeat them."""
        head = f"seed {self.seed}: {'; '.join(self.problems) or 'converged'}"
        return "\n  ".join([head, *self.log, f"Reproduce it: python -m tests.fuzz --seeds {self.seed}"])


def run(seed: int, folder: Path) -> Report:
    """Runs a sequence. `folder` is for checkouts and homes; processes may share it."""
    commands = Commands(_checkout(folder))
    try:
        problems = Sequence(seed, commands, folder / "homes").run()
    except Exception:  # an error of the simulator or of the fuzz fails this sequence, not the others
        problems = [*commands.problems, traceback.format_exc()]
    return Report(seed, tuple(problems), commands.played, tuple(commands.log))


@cache
def _checkout(folder: Path) -> Checkout:
    own = folder / str(os.getpid())
    own.mkdir()
    return program_in(own, toolchain.pulumi(ROOT, ROOT / ".cache", report=print))
