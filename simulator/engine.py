"""Runs an operation of the real Pulumi engine on the program, with providers for the simulated cloud."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pulumi import automation as auto

from config.problems import UserError
from config.stackfile import name as file_name
from ecs import types
from simulator import (
    aws,
    caller,
    clients,
    debugging,
    docker,
    environment,
    keeper,
    locks,
    provider,
    random,
    schedules,
    sdk,
    service,
    upgrade,
)
from simulator.aws import ecs_runs
from simulator.aws.ecs_rollout import finish_rollouts
from simulator.cloud import REDACTED, Cloud, ResourceType
from simulator.events import LAUNCHER, Events, Operation, Result, Step
from simulator.faults import Faults
from simulator.graph import Graph
from simulator.home import Home
from simulator.locks import Holder
from simulator.program import Program
from simulator.serving import LOOPBACK, serving
from simulator.store import Store

__all__ = ["TYPES", "Operation", "Result", "Simulator", "Step"]

TYPES = {**aws.TYPES, **docker.TYPES, **random.TYPES}

DAMAGED = re.compile("corrupt|checkpoint|snapshot|unmarshal|decrypt|deserializ|open bucket|state/.pulumi")
"""In an error of the CLI: the files of its backend are not as it wrote them."""


def silent(_: str) -> None:
    """A report that discards the engine's output."""


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """One program and one state directory."""

    program: Program
    home: Home
    cli: auto.PulumiCommand
    faults: Faults = field(default_factory=Faults)
    """The faults that the operation meets."""
    docker: bool = True
    """Whether a Docker engine responds to the Docker provider."""
    checkpoints: bool = True
    """Whether each step is recorded at once, so that an interrupted update can be completed. Slower."""
    report: Callable[[str], object] = print
    """Receives each line of the engine's progress."""
    on_step: Callable[[Step], object] | None = None
    """Receives each step when it begins."""
    color: bool = False
    diff: bool = False
    """Whether the progress shows changed properties, as `pulumi up --diff` does."""
    refresh: bool = False
    """Whether an update or a preview reads the cloud first, as `pulumi up --refresh` does."""
    up_options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further options of an update, such as `target`: the arguments of `pulumi.automation.Stack.up`."""
    policy: Path | None = None
    """The folder of a policy pack, which runs on preview and up."""
    role: str = ""
    """The ARN of the role to run under, of the simulated cloud; empty to allow every request."""
    types: Mapping[str, ResourceType] = field(default_factory=lambda: TYPES)

    def run(self, operation: Operation, stack: str) -> Result:
        """Runs the operation. Raises UserError, before anything changes, for a problem that a person must fix first."""
        runs_program = operation in ("preview", "up")
        events = Events(operation, stack, self.on_step)
        loading = self.program.loaded(stack) if runs_program else nullcontext()
        with environment.isolated(), loading as program:
            # After the stack file is validated: nobody shall destroy a stack because of an invalid file.
            if runs_program and (problem := self.move(stack)):
                raise UserError(problem)

            def report_killed(holder: Holder) -> None:
                events.warn(locks.explanation(stack, holder, operation))

            with self.session(stack, program, report_killed) as session:
                try:
                    self._run(operation, session, events)
                except auto.CommandError as error:
                    if not events.errors:
                        raise
                    events.fail(sdk.printed(error))
        return events.result()

    def _run(self, operation: Operation, session: auto.Stack, events: Events) -> None:
        if operation != "preview":
            with self.home.store() as store:
                upgrade.complete(store, self.types)
                finish_rollouts(store, self.faults, session.name)
                ecs_runs.finish(store, self.faults, session.name)
        if operation == "destroy":
            # `pulumi destroy` also previews first, which finds protected resources before it deletes any.
            try:
                session.preview_destroy(on_event=events.add)
            finally:
                events.forget_steps()  # also if it fails: nothing is deleted then
        color = "always" if self.color else "never"
        options = self._options(operation)
        with self._journaled(session) if self.checkpoints and operation != "preview" else nullcontext():
            getattr(session, operation)(on_output=self._report, on_event=events.add, color=color, **options)
        if operation == "up":
            with self.home.store() as store:
                for problem in (*schedules.problems(store, session.name), *debugging.problems(store, session.name)):
                    events.warn(problem)
        if operation == "refresh":
            self._remove_unknown(session.name, events)

    @contextmanager
    def _journaled(self, session: auto.Stack) -> Generator[None]:
        """Lets the engine append its steps to a journal. On the file backend it writes the whole state at each step."""
        workspace, started = session.workspace, list[int]()
        variables, command = workspace.env_vars, workspace.pulumi_command
        with (
            self.home.journaled(session.name) as state,
            service.serving(LOOPBACK, state, lambda: Holder.engine(started[-1])) as backend,
        ):
            workspace.env_vars = {**variables, **backend}
            workspace.pulumi_command = sdk.observed_command(command, started.append)
            try:
                yield
            finally:
                workspace.env_vars, workspace.pulumi_command = variables, command

    def _report(self, line: str) -> None:
        """Drops the engine's warning about the policy launcher, which this simulator put on PATH."""
        if LAUNCHER not in line:
            self.report(line)

    def move(self, stack: str) -> str:
        """The problem if the stack file names another location than the stack is deployed to; empty otherwise.

        Pulumi would apply the state of the old location to the new one. Raises UserError for an unreadable file.
        """
        deployed, configured = self._location(stack), self.program.location(stack)
        if "" in (deployed, configured) or deployed == configured:
            return ""
        return (
            f"{stack}: deployed to {deployed}, but {file_name(stack)} configures {configured}."
            f" Run `make destroy STACK={stack}` first, or remove {self.home.path.name}/ to start again."
        )

    def _location(self, stack: str) -> str:
        """The account and region that the stack is deployed to; empty when it is not deployed."""
        for each in self.home.resources(stack):
            if each["type"] == types.AWS_PROVIDER:
                return f"account {provider.allowed_account(each['inputs'])}, {each['inputs']['region']}"
        return ""

    def _options(self, operation: Operation) -> dict[str, Any]:
        if operation == "refresh":
            return {"diff": self.diff, "clear_pending_creates": True}
        packs = {"policy_packs": [str(self.policy)]} if self.policy and operation != "destroy" else {}
        refresh = {"refresh": self.refresh} if operation != "destroy" else {}
        return {"diff": self.diff, **packs, **refresh, **(self.up_options if operation == "up" else {})}

    def outputs(self, stack: str) -> dict[str, Any]:
        """The outputs of the last update by name, secrets redacted. Raises UserError if there is no stack file."""
        self.program.config(stack)  # raises UserError for a mistyped name
        return {
            name: REDACTED if sdk.holds_secret(value) else value
            for each in self.home.resources(stack)
            if each["type"] == types.STACK
            for name, value in each.get("outputs", {}).items()
        }

    @contextmanager
    def session(
        self,
        stack: str,
        program: Callable[[], None] | None = None,
        on_killed: Callable[[Holder], object] | None = None,
    ) -> Generator[auto.Stack]:
        """Locks the stack, serves its providers and yields it. Creates the stack if it does not exist.

        `on_killed` receives the last holder of the lock if it was killed; None, to read only, leaves that lock alone.
        """
        graph = Graph()
        with (
            environment.isolated(),
            self.home.lock(stack, keep=on_killed is None) as killed,
            self.home.store() as store,
            serving(
                cloud := self._cloud(store, graph),
                aws.INVOKES,
                self._packages(),
                role := caller.assumed(store, self.role) if self.role else None,
            ) as providers,
            clients.replaced(cloud, self.program.account(stack), role) if program else nullcontext(),
            keeper.serving(LOOPBACK) as key,
        ):
            workspace = sdk.Workspace(
                work_dir=str(self.home.workspace(stack, self.program.directory, self.program.config(stack))),
                program=sdk.observed(program, graph.add) if program else None,
                pulumi_command=self.cli,
                pulumi_home=str(self.home.pulumi),
                env_vars=self._environment(providers, key),
                secrets_provider=keeper.URL,
            )
            try:
                self.home.settle(stack)  # an update was killed together with its simulator
                session = sdk.stack(stack, workspace, exists=self.home.has_state(stack))
                if on_killed:
                    self._release(session, killed, on_killed)
                yield session
            except auto.CommandError as error:
                text = sdk.stderr(error)
                raise (self.home.unusable(text) if DAMAGED.search(text) else UserError(f"{stack}: {text}.")) from None

    def _release(self, session: auto.Stack, killed: Holder | None, on_killed: Callable[[Holder], object]) -> None:
        """Removes Pulumi's lock if its engine was killed: a running one would hold the lock of the home."""
        engine = self.home.engine(session.name)
        if self.home.is_locked_by_pulumi(session.name):
            session.cancel()
        if holder := killed or engine:
            on_killed(holder)

    def _packages(self) -> dict[str, str]:
        """The providers, each with the problem that its Configure reports; empty if there is none."""
        return {"aws": "", "docker": "" if self.docker else docker.NO_ENGINE, "random": ""}

    def _cloud(self, store: Store, graph: Graph) -> Cloud:
        return Cloud(
            store=store,
            root=self.program.root,
            types=self.types,
            run=uuid.uuid4().hex,
            faults=self.faults,
            ancestors=graph.ancestors,
            urn=graph.urn,
        )

    def _remove_unknown(self, stack: str, events: Events) -> None:
        """Removes the objects that a killed update created but did not record in Pulumi's state."""
        # By type and ID, not by URN: an alias changes the URN of an existing resource.
        known = {(resource["type"], resource.get("id")) for resource in self.home.resources(stack)}
        own = (stack, self.program.project)
        with self.home.store() as store:
            for token, kind in TYPES.items():
                for created in store.find(token):
                    is_known = (token, created.id) in known or kind.retained_on_delete(created.properties)
                    if (created.stack, created.project) == own and not is_known:
                        store.remove(created)
                        events.warn(f"Removed {created.urn}: an interrupted update created it.")

    def _environment(self, providers: str, key: str) -> dict[str, str]:
        skip = {} if self.checkpoints else {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        path = {"PATH": f"{self.home.policy_launcher()}{os.pathsep}{os.environ['PATH']}"} if self.policy else {}
        return {
            **skip,
            **path,
            # Metadata files are not written atomically: a killed update would leave an incomplete one.
            "PULUMI_BACKEND_URL": f"file://{quote(str(self.home.backend))}?metadata=skip",
            # Of the states that an older simulator wrote.
            "PULUMI_CONFIG_PASSPHRASE": "simulated",
            "VAULT_SERVER_URL": key,
            "PULUMI_DEBUG_PROVIDERS": providers,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The engine and the policy pack read and write nothing in the user's own folder, which may not exist.
            "HOME": str(self.home.pulumi),
            "USER": os.environ.get("USER") or "simulator",
            "PYTHONUTF8": "1",
            # The engine runs for seconds. Its heap may grow to four times what lives, in place of twice, up to a limit.
            # https://go.dev/doc/gc-guide#Memory_limit
            "GOGC": "300",
            "GOMEMLIMIT": "256MiB",
        }
