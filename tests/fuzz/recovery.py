"""What a person does after a command, given its messages: the way of docs/runbook.md."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from simulator import report
from tests.fuzz.commands import Commands, Outcome
from tests.fuzz.stacks import Declaration

STEPS = 6
"""The most updates after which the stack is up."""
ROTATE = re.compile(r"Increment database\.password-revision to (\d+)")
REDEPLOY = re.compile(r"increment redeploy\.([a-z]+)")
SETTLE = re.compile(r"[Rr]un `make refresh`")
KILLED = "ended by SIGKILL"


@dataclass
class Operator:
    """Completes an update that failed."""

    commands: Commands
    random: Random
    """Chooses among commands that are all documented."""
    former: Declaration
    declared: Declaration
    """The declaration, with the edits that messages asked for."""

    def complete(self, outcome: Outcome) -> None:
        """Runs commands until an update with `--refresh` names no other one. Adds a problem if none does."""
        is_up = outcome.is_clean
        for _ in range(STEPS):
            if is_up:
                return
            refresh = self._prepare(outcome)
            outcome = self.commands.run("up", refresh=refresh)
            is_up = refresh and outcome.is_clean
        if not is_up:
            self.commands.problems.append(f"not up after {STEPS} updates")

    def _prepare(self, outcome: Outcome) -> bool:
        """Does what the messages say. Whether the next update has `--refresh`: always right, and often necessary."""
        text = "\n".join(outcome.texts)
        if KILLED in text:
            return False  # the next update completes it or names `make refresh`; one with --refresh would not
        is_settled = bool(SETTLE.search(text))
        if is_settled:
            self.commands.run("refresh")
        is_edited = self._edit(text)
        return is_settled or is_edited or outcome.is_clean or self.random.random() < 0.7

    def _edit(self, text: str) -> bool:
        """Increments the numbers of the stack file that the messages name, where they apply. Whether there are any."""
        changes: dict[str, object] = {}
        if found := ROTATE.search(text):
            changes["database"] = {**self.declared.stack.get("database", {}), "password-revision": int(found[1])}
        numbers = self.declared.stack.get("redeploy", {})
        if services := [each for each in REDEPLOY.findall(text) if self._needs_number(each)]:
            changes["redeploy"] = {**numbers, **{each: numbers.get(each, 0) + 1 for each in services}}
        if changes:
            self.declared = Declaration(self.declared.services, {**self.declared.stack, **changes})
            self.declared.write(self.commands.checkout)
            self.commands.log.append(f"edit: {changes}")
        return bool(changes)

    def _needs_number(self, service: str) -> bool:
        """Whether no revision of the service ever ran, as `make up` shows, or its number has changed."""
        states = {row.service: row.state for row in report.services(self.commands.checkout.home, "dev")}
        former, declared = (each.stack.get("redeploy", {}).get(service) for each in (self.former, self.declared))
        return states.get(service) == "does not start" or former != declared
