"""What a person does after a command, given its messages: the way of docs/runbook.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.engine.killed import ROTATE, names_refresh
from tests.fuzz.commands import Commands, Outcome
from tests.fuzz.stacks import Declaration, Settings

STEPS = 6
"""The most updates after which the stack is up."""
REDEPLOY = re.compile(r"increment redeploy\.([a-z]+)")
IN_PROGRESS = re.compile(r"the deployment of \w+-([a-z]+):\d+ is in progress")
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

    def complete(self, outcomes: Sequence[Outcome]) -> None:
        """Runs commands until an update with `--refresh` names no other one. Adds a problem if none does.

        `outcomes` are those of the updates with faults, the last one last.
        """
        *failed, outcome = outcomes
        self._edit({"redeploy": self._redeploy("\n".join(each.text for each in failed))})
        is_up = outcome.is_clean and not failed  # without a refresh, an update after a failed one may be empty
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
        if KILLED in outcome.text:
            return False  # the next update completes it or names `make refresh`; one with --refresh would not
        is_settled = names_refresh(outcome.text)
        if is_settled:
            self.commands.run("refresh")
        self._stop_rollouts(outcome.text)
        changes = {"database": self._rotate(outcome.text), "redeploy": self._redeploy(outcome.text)}
        is_edited = self._edit(changes)
        return is_settled or is_edited or outcome.is_clean or self.random.random() < 0.7

    def _stop_rollouts(self, text: str) -> None:
        """Ends rollouts that no circuit breaker ends, as `ops why` says; ECS may start their tasks in vain."""
        declared = (self.former, self.declared)
        strategies = [entry["strategy"] for each in declared for entry in each.stack.get("rollout", {}).values()]
        if {"canary", "linear"} & {*strategies}:
            for service in dict.fromkeys(IN_PROGRESS.findall(text)):
                self.commands.stop_rollout(service)

    def _rotate(self, text: str) -> Settings:
        """The section `database` with the revision that the messages name; empty if they name none."""
        found = ROTATE.search(text)
        return {**self.declared.stack.get("database", {}), "password-revision": int(found[1])} if found else {}

    def _redeploy(self, text: str) -> Settings:
        """The section `redeploy` with incremented numbers of the services that the messages name, where that helps.

        It helps if no revision of the service ever ran, as `make up` shows. If the service's number is a new one, the
        failed update may not have deployed it, and no refresh sees that: docs/stack-file.md.
        """
        states = self.commands.checkout.states()
        former, numbers = (each.stack.get("redeploy", {}) for each in (self.former, self.declared))
        named = [
            each
            for each in dict.fromkeys(REDEPLOY.findall(text))
            if states.get(each) == "does not start" or former.get(each) != numbers.get(each)
        ]
        return {**numbers, **{each: numbers.get(each, 0) + 1 for each in named}} if named else {}

    def _edit(self, sections: Settings) -> bool:
        """Writes the sections that are not empty into the stack file. Whether there are any."""
        changes = {key: section for key, section in sections.items() if section}
        if changes:
            self.declared = Declaration(self.declared.services, {**self.declared.stack, **changes})
            self.declared.write(self.commands.checkout)
            self.commands.log.append(f"edit: {changes}")
        return bool(changes)
