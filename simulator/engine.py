"""Drives the real Pulumi engine over the program, with the simulated cloud behind it."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import sys
import uuid
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode
from pulumi.automation.events import EngineEvent, PolicyEvent

from simulator import aws, docker, provider, random
from simulator.cloud import HIDDEN, Cloud
from simulator.errors import SimulatorError
from simulator.graph import STACK, Graph
from simulator.program import Program
from simulator.store import Store

TYPES = {**aws.TYPES, **docker.TYPES, **random.TYPES}

AGAIN = "an unhandled error occurred: "
"""What the SDK puts before an error that it has told already."""
CLOUD = "cloud.sqlite"
"""The file in a home that holds the cloud."""
Operation = Literal["preview", "up", "refresh", "destroy"]


@dataclass(frozen=True)
class Step:
    """What the engine did, or would do, with one resource."""

    operation: str
    """The engine's word for it: create, update, replace, delete …"""
    urn: str

    @property
    def name(self) -> str:
        """The logical name of the resource."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True)
class Result:
    succeeded: bool
    steps: tuple[Step, ...]
    """All but those that left a resource as it was."""
    errors: tuple[str, ...]
    """What the engine called an error."""


class _Workspace(auto.LocalWorkspace):
    def select_stack(self, stack_name: str) -> None:
        """Nothing: every command names its stack, and to ask the CLI first takes a third of a second."""


class _Stack(auto.Stack):
    """Spared what the SDK asks the CLI after each operation, three times, for a result that is not used here."""

    def outputs(self) -> auto.OutputMap:
        return {}

    def info(self, show_secrets: bool = True) -> auto.UpdateSummary:
        return auto.UpdateSummary(kind="", start_time=datetime.min, message="", environment={}, config={}, result="")


@dataclass(frozen=True, kw_only=True)
class Simulator:
    """One program and one home. A home holds the cloud and Pulumi's state, and nothing that is committed."""

    program: Program
    home: Path
    cli: auto.PulumiCommand
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    """By service: `rollback` or `silent-rollback`, what its next rollout comes to."""
    checkpoints: bool = True
    """Whether the state is written at every step, so that an interrupted update can be completed; slower."""
    say: Callable[[str], object] = print
    """Gets the engine's own progress, line by line."""
    color: bool = False
    diff: bool = False
    """Whether progress shows the properties of what changes, as `pulumi up --diff` does."""
    policy: Path | None = None
    """The folder of a policy pack that a preview and an update must pass."""

    def run(self, operation: Operation, stack: str) -> Result:
        """Raises SimulatorError for what a person must mend first; nothing has changed then."""
        steps: list[Step] = []
        errors: list[str] = []

        def listen(event: EngineEvent) -> None:
            # What a refresh finds is known only after it has looked.
            step = event.res_outputs_event if operation == "refresh" else event.resource_pre_event
            if step and step.metadata.op != "same":
                steps.append(Step(step.metadata.op.value, step.metadata.urn))
            if (said := event.diagnostic_event) and said.severity == "error":
                message = said.message.strip()
                if message.removeprefix(AGAIN) not in errors:
                    errors.append(message)
            if (judged := event.policy_event) and judged.enforcement_level == "mandatory":
                errors.append(_violation(judged))

        runs = operation in ("preview", "up")
        if runs and (move := self.move(stack)):
            raise SimulatorError(move)
        loading = self.program.loaded(stack) if runs else nullcontext()
        with loading as program, self._session(stack, program) as session:
            try:
                if operation == "destroy":
                    # As `pulumi destroy` does: what is protected is found before anything is deleted.
                    session.preview_destroy(on_event=listen)
                    steps.clear()
                color = "always" if self.color else "never"
                getattr(session, operation)(on_output=self._tell, on_event=listen, color=color, **self._more(operation))
                if operation == "refresh":
                    self._forget_what_was_cut_off(session)
            except auto.CommandError:
                if not errors:
                    raise
        return Result(not errors, tuple(steps), tuple(errors))

    def _tell(self, line: str) -> None:
        """The engine's progress, but not that it found the launcher of policy packs where this simulator put it."""
        if "using pulumi-analyzer-policy-python from $PATH" not in line:
            self.say(line)

    def move(self, stack: str) -> str:
        """What is wrong where the stack file asks for another place than the stack stands in; empty where it does not.

        Pulumi would go on there with what it knows of the former one. Raises SimulatorError for an unreadable file.
        """
        stands, asked = self._place(stack), self.program.place(stack)
        if stands in ("", asked):
            return ""
        return (
            f"{stack} stands in {stands}, and Pulumi.{stack}.yaml says {asked}: `make destroy STACK={stack}` first,"
            f" or begin anew by removing {self.home.name}/"
        )

    def _place(self, stack: str) -> str:
        """The account and region that the stack stands in; empty when it stands nowhere."""
        for each in self.resources(stack):
            if each["type"] == "pulumi:providers:aws":
                return f"account {provider.allowed_account(each['inputs'])}, {each['inputs']['region']}"
        return ""

    def _more(self, operation: Operation) -> dict[str, Any]:
        """What the engine is told beyond what every operation is."""
        if operation == "refresh":
            return {"diff": self.diff, "clear_pending_creates": True}
        packs = {"policy_packs": [str(self.policy)]} if self.policy and operation != "destroy" else {}
        return {"diff": self.diff, **packs}

    def outputs(self, stack: str) -> dict[str, Any]:
        """The stack's outputs by name, as the last update left them; secret ones only by name."""
        self.program.config(stack)  # a stack that there is no file of is a mistake
        return {
            name: HIDDEN if provider.holds_secret(value) else value
            for each in self.resources(stack)
            if each["type"] == STACK
            for name, value in each.get("outputs", {}).items()
        }

    def session(self, stack: str) -> AbstractContextManager[auto.Stack]:
        """The stack, to ask Pulumi about it; nobody else is at it meanwhile. One that never was is made, and empty."""
        return self._session(stack)

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """The stack's resources as Pulumi's state has them; none when it was never up.

        Read from the file: to ask the CLI takes most of a second.
        """
        for file in (self.home / "state").glob(f".pulumi/stacks/*/{stack}.json"):
            latest: dict[str, Any] | None = json.loads(file.read_text())["checkpoint"].get("latest")
            return (latest or {}).get("resources") or []
        return []

    @contextmanager
    def _session(self, stack: str, program: Callable[[], None] | None = None) -> Generator[auto.Stack]:
        """The stack in a workspace of its own, ready for the engine, and nobody else at it."""
        self.home.mkdir(parents=True, exist_ok=True)
        graph = Graph()
        with (
            self.lock(stack),
            closing(Store(self.home / CLOUD)) as store,
            provider.serving(self._cloud(store, graph), aws.INVOKES, ("aws", "docker", "random")) as providers,
        ):
            workspace = _Workspace(
                work_dir=str(self._workspace(stack)),
                program=graph.listening(program) if program else None,
                pulumi_command=self.cli,
                pulumi_home=str(self.home / "pulumi"),
                env_vars=self._environment(providers),
            )
            try:
                exists = any((self.home / "state").glob(f".pulumi/stacks/*/{stack}.json"))
                mode = StackInitMode.SELECT if exists else StackInitMode.CREATE
                session = _Stack(stack, workspace, mode)
                if any((self.home / "state").glob(f".pulumi/locks/*/*/{stack}/*")):
                    session.cancel()  # Pulumi's lock is a killed update's: ours, which dies with its process, is free
                yield session
            except auto.CommandError as error:
                raise SimulatorError(str(error)) from None

    def _cloud(self, store: Store, graph: Graph) -> Cloud:
        return Cloud(
            store=store,
            root=self.program.root,
            types=TYPES,
            run=uuid.uuid4().hex,
            faults=self.faults,
            ancestors=graph.ancestors,
        )

    def _forget_what_was_cut_off(self, session: auto.Stack) -> None:
        """Removes what a killed update made and had no time to write into the state, as a person would by hand."""
        resources: list[dict[str, Any]] = (session.export_stack().deployment or {}).get("resources", [])
        # By type and id, not by URN: an alias renames what is there.
        known = {(resource["type"], resource.get("id")) for resource in resources}
        with closing(Store(self.home / CLOUD)) as store:
            for token, kind in TYPES.items():
                for made in store.find(token):
                    of_this_stack = made.urn.startswith(f"urn:pulumi:{session.name}::")
                    if of_this_stack and (token, made.id) not in known and not kind.stays(made.properties):
                        store.remove(made)
                        self.say(f"Removed {made.urn}, which an update that was cut off had made.")

    def _workspace(self, stack: str) -> Path:
        """Copies of the project's files: Pulumi writes a salt into a stack file, and the committed ones stay as is."""
        folder = self.home / "workspace" / stack
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_bytes((self.program.root / "Pulumi.yaml").read_bytes())
        copy = folder / f"Pulumi.{stack}.yaml"
        kept: dict[str, Any] = yaml.safe_load(copy.read_text()) if copy.exists() else {}
        copy.write_text(yaml.safe_dump({**kept, "config": self.program.config(stack)}))
        return folder

    def _environment(self, providers: str) -> dict[str, str]:
        state = self.home / "state"
        state.mkdir(exist_ok=True)
        once = {} if self.checkpoints else {"PULUMI_EXPERIMENTAL": "true", "PULUMI_SKIP_CHECKPOINTS": "true"}
        return {
            **once,
            **({"PATH": f"{self._analyzer()}{os.pathsep}{os.environ['PATH']}"} if self.policy else {}),
            # No files of metadata beside the state: they are not written in one step, and a killed update cut them.
            "PULUMI_BACKEND_URL": f"file://{state}?metadata=skip",
            # Nothing in a simulated state is worth hiding; secrets are encrypted all the same.
            "PULUMI_CONFIG_PASSPHRASE": "simulated",
            "PULUMI_DEBUG_PROVIDERS": providers,
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }

    def _analyzer(self) -> Path:
        """The folder of what starts a Python policy pack: the CLI's own comes with a language host, which none is."""
        folder = self.home / "bin"
        folder.mkdir(exist_ok=True)
        script, unfinished = (folder / f"pulumi-analyzer-policy-python{suffix}" for suffix in ("", f".{os.getpid()}"))
        launcher = shlex.join([sys.executable, "-P", "-u", str(Path(__file__).with_name("analyzer.py"))])
        unfinished.write_text(f'#!/bin/sh\nexec {launcher} "$1" "$2"\n')
        unfinished.chmod(0o755)
        unfinished.replace(script)
        return folder

    @contextmanager
    def lock(self, stack: str) -> Generator[None]:
        """One simulator at a time for each stack."""
        with (self.home / f"{stack}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SimulatorError(f"another simulator is busy with stack {stack}; wait for it") from None
            yield


def _violation(event: PolicyEvent) -> str:
    """Which resource breaks which rule, and what to change; the event's first line describes the rule."""
    name = (event.resource_urn or "the stack").rpartition("::")[-1]
    what = event.message.strip().rpartition("\n")[-1]
    return f"{name}: {event.policy_name}: {what}"
