"""Runs commands on a stack, logs them, and checks what holds after each of them, whatever failed before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from io import StringIO

from config.problems import UserError
from ecs import types
from ops import cli as ops
from simulator import report
from simulator.aws.ecs_rollout import RUNNING
from simulator.engine import Operation, Result
from simulator.faults import Faults
from tests.engine import killed
from tests.engine.conftest import Checkout
from tests.engine.killed import Requests

DATABASE, BUCKET = "database-instance", "bucket-bucket"
NOT_DEPLOYED = "this update did not deploy it"
"""In the warning of a service that runs another revision because somebody else changed it."""

STATES = ("steady", "rolled back")
"""Of a service that may run the declared revision. The rollback of a change that keeps the revision, such as one of the
network configuration, is not detected: components/rollout.py (checked)."""


@dataclass(frozen=True)
class Outcome:
    """What a command shows."""

    succeeded: bool
    texts: tuple[str, ...]
    """Its errors and warnings."""
    changes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    @property
    def is_clean(self) -> bool:
        """Whether the command succeeded and names no other one."""
        return self.succeeded and not self.texts


@dataclass
class Commands:
    checkout: Checkout
    replaces_bucket: bool = False
    """Whether the stack file names another bucket than is deployed."""
    log: list[str] = field(default_factory=list[str])
    problems: list[str] = field(default_factory=list[str])
    secrets: set[str] = field(default_factory=set[str])
    """The secret values that were in requests."""
    is_pending: bool = False
    """Whether the engine of the last command was killed, or its messages name `make refresh`."""
    played: int = 0
    """The number of faults and kills so far."""

    def run(
        self,
        operation: Operation,
        *,
        refresh: bool = False,
        goes_on: bool = False,
        faults: Faults | None = None,
        requests: Requests | None = None,
    ) -> Outcome:
        """Runs a command, one request at a time, so that a seed has the same requests each time."""
        faults, requests = faults or Faults(), requests or Requests()
        simulator = replace(
            self.checkout.simulator,
            checkpoints=bool(requests.kill_at),
            faults=faults,
            refresh=refresh,
            up_options={"parallel": 1, "continue_on_error": goes_on},
        )
        is_killed = False
        with killed.observed(requests):
            try:
                outcome = _outcome(simulator.run(operation, "dev"))
            except UserError as error:  # the engine was killed, or the stack file is refused
                outcome = Outcome(False, (str(error),))
                is_killed = bool(requests.kill_at)
        self.is_pending = is_killed or killed.names_refresh(outcome.text)
        self.played += len(faults.played) + is_killed
        self.secrets |= requests.secrets
        options = [name for name, is_set in (("--refresh", refresh), ("--continue-on-error", goes_on)) if is_set]
        self._log(" ".join([operation, *options]), outcome, faults, requests)
        if operation == "up" and outcome.succeeded:
            self.problems += self._unreported(outcome)
        self.problems += self._lost(requests)
        return outcome

    def stop_rollout(self, service: str) -> None:
        words = ["stop-rollout", "dev", service, "--yes", "--simulator", "--home", str(self.checkout.home.path)]
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as errors:
            code = ops.main(words, root=self.checkout.root)
        self.log.append(f"ops stop-rollout {service}: {code} {errors.getvalue()}".strip())
        self.problems += [self.log[-1]] if code else []

    def _log(self, command: str, outcome: Outcome, faults: Faults, requests: Requests) -> None:
        ended = "succeeded" if outcome.succeeded else "failed"
        kill = [f"killed {requests.moment} request {requests.kill_at}"] if requests.kill_at else []
        played = [*map(str, sorted(faults.played)), *kill]
        self.log.append(" ".join([f"{command} {ended}:", *played]))
        self.log += [f"  {each}" for each in outcome.texts]
        if played:
            self.log.append(f"  requests: {', '.join(requests.seen)}")

    def _unreported(self, outcome: Outcome) -> Iterator[str]:
        """The services that do not run what is declared after an update that succeeded without a warning of them."""
        declared = {
            each["urn"].rpartition("::")[2].removesuffix("-task-definition"): each["outputs"]["arn"]
            for each in self.checkout.home.resources("dev")
            if each["type"] == types.TASK_DEFINITION and not each.get("delete")
        }
        with self.checkout.home.store() as store:
            running = {each.properties["name"]: each.properties[RUNNING] for each in store.find(types.SERVICE)}
        for row in report.services(self.checkout.home, "dev"):
            is_reported = any(each.startswith(f"{row.service}: ") and NOT_DEPLOYED in each for each in outcome.texts)
            is_declared = row.state in STATES and running[row.service] == declared.get(row.service)
            if not is_reported and not is_declared:
                yield f"up succeeded, but {row.service} is {row.state} and runs {running[row.service] or 'nothing'}"

    def _lost(self, requests: Requests) -> Iterator[str]:
        """No stack file here replaces the database."""
        kept = [DATABASE] if self.replaces_bucket else [DATABASE, BUCKET]
        yield from (f"{each} was deleted" for each in kept if f"Delete {each}" in requests.seen)


def _outcome(result: Result) -> Outcome:
    changes = tuple(f"{each.operation} {each.name}" for each in result.steps if each.operation != "refresh")
    return Outcome(result.succeeded, (*result.messages, *result.warnings), changes)
