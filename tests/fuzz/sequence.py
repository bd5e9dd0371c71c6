"""One sequence: a stack, a second stack file whose updates meet faults, then the documented commands until it is up."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from simulator import report
from simulator.engine import Operation
from simulator.home import Home
from tests.engine import converged
from tests.engine.killed import Requests
from tests.fuzz import stacks
from tests.fuzz.commands import STATES, Commands, Outcome
from tests.fuzz.random_faults import RandomFaults
from tests.fuzz.recovery import Operator
from tests.fuzz.stacks import Declaration

FIRST_FILES = 12
"""The number of first stack files. Each is deployed once, then its home is copied."""
CHANCES = (0, 0.05, 0.15, 0.4)
"""Of a fault at a request that changes the cloud. The first fault ends most updates."""


@dataclass
class Sequence:
    """Writes the files of the commands' checkout and replaces its home."""

    seed: int
    commands: Commands
    homes: Path
    """A folder for the homes of the first stacks, which processes may share."""

    def run(self) -> list[str]:
        """One line for each problem; none if the stack converged to what the second file declares."""
        random = Random(self.seed)
        number = random.randrange(FIRST_FILES)
        former = stacks.first(Random(number))
        declared = stacks.second(random, former)
        self.commands.log += [f"first: {former}", f"second: {declared.changes(former)}"]
        self._begin(random, number, former)
        declared.write(self.commands.checkout)
        self.commands.replaces_bucket = former.stack["bucket"] != declared.stack["bucket"]
        outcomes = [self._fail(random, goes_on=stacks.removes_nothing(former, declared))]
        if random.random() < 0.25 and not outcomes[0].is_clean:
            outcomes.append(self._fail(random))
        operator = Operator(self.commands, random, former, declared)
        operator.complete(outcomes)
        return [*self.commands.problems, *self._differences(random, operator.declared)]

    def _begin(self, random: Random, number: int, former: Declaration) -> None:
        """Deploys the first stack, in few cases with faults and perhaps not all of it."""
        checkout = self.commands.checkout
        former.write(checkout)
        shutil.rmtree(checkout.home.path, ignore_errors=True)
        if random.random() < 0.15:
            self._fail(random)
            return
        home = self.homes / str(number)
        if not home.exists():
            own = Home(self.homes / f"{number}-{os.getpid()}")
            replace(checkout, home=own).run("up")
            with suppress(OSError):  # another process was faster
                own.path.rename(home)
        shutil.copytree(home, checkout.home.path)

    def _fail(self, random: Random, *, goes_on: bool = False) -> Outcome:
        """An update with random faults, or whose engine is killed. `goes_on`: perhaps with `--continue-on-error`.

        Not with `--refresh` while a creation is pending: it keeps it, and only an update without it warns.
        """
        requests = Requests()
        if random.random() < 0.1:
            requests = Requests(random.randint(1, 12), random.choice(("before", "after")))
        faults = RandomFaults(seed=random.randrange(10**9), chance=random.choice(CHANCES), limit=3)
        goes_on = goes_on and random.random() < 0.3
        refresh = random.random() < 0.2 and not self.commands.is_pending
        return self.commands.run("up", refresh=refresh, goes_on=goes_on, faults=faults, requests=requests)

    def _differences(self, random: Random, declared: Declaration) -> Iterator[str]:
        """Where state and cloud are not what is declared, and what further commands change."""
        checkout = self.commands.checkout
        yield from converged.problems(checkout)
        stored = checkout.stored()
        # In a protected stack, a change of the database may wait for its window, which only a refresh sees.
        if random.random() < 0.25 and not declared.stack.get("protect"):
            yield from self._changes("up")
            yield from self._changes("refresh")
        else:
            yield from self._changes("up", refresh=True)
        yield from (f"{each} was created or deleted" for each in sorted(set(stored) ^ set(checkout.stored())))
        yield from self._services(declared)
        yield from (f"a secret is in {each}" for each in converged.leaks(checkout.home, self.commands.secrets))

    def _changes(self, operation: Operation, *, refresh: bool = False) -> Iterator[str]:
        outcome = self.commands.run(operation, refresh=refresh)
        yield from (f"another {operation}: {each}" for each in (*outcome.texts, *outcome.changes))

    def _services(self, declared: Declaration) -> Iterator[str]:
        """The services that do not run, are not declared, or run another image than the pinned one."""
        rows = {row.service: row for row in report.services(self.commands.checkout.home, "dev")}
        if set(rows) != set(declared.services):
            yield f"services are {sorted(rows)}, not {sorted(declared.services)}"
        for name, row in rows.items():
            if row.state not in STATES:
                yield f"{name} is {row.state}"
            pinned = declared.stack.get("images", {}).get(name, row.digest)
            if row.digest not in pinned:
                yield f"{name} runs {row.digest}, not {pinned}"
