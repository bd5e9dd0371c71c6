"""Reads the engine's events: the steps, the errors and the warnings of an operation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pulumi import automation as auto

from ecs import types
from simulator import sdk
from simulator.messages import messages

Operation = Literal["preview", "up", "refresh", "destroy"]


@dataclass(frozen=True)
class Step:
    """One operation of the engine on one resource; a planned one in a preview."""

    operation: str
    """The engine's name of the operation: create, update, replace, delete …"""
    urn: str
    component: str = field(default="", compare=False)
    """The logical name of the outermost component that contains the resource; its own name outside of components."""
    note: str = field(default="", compare=False)
    """What is special about the change, such as `new image`."""
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict[str, tuple[Any, Any]], compare=False)
    """The properties that change: the values of the state and of the program, secrets redacted by the engine."""

    @property
    def name(self) -> str:
        """The logical name of the resource."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True)
class Result:
    succeeded: bool
    steps: tuple[Step, ...]
    """All steps except `same`."""
    errors: tuple[str, ...]
    """The errors that the engine reported."""
    diagnostics: tuple[tuple[str, str | None], ...] = ()
    """The same errors, each with the URN of its resource."""
    messages: tuple[str, ...] = ()
    """The same errors for a person: each once, on one line, without the engine's prefixes and advice."""
    warnings: tuple[str, ...] = ()
    failed: frozenset[str] = frozenset()
    """The URNs of the resources whose operation failed."""


LAUNCHER = "using pulumi-analyzer-policy-python from $PATH"
"""In the engine's warning about the policy launcher, which the simulator put on PATH."""
NEW_IMAGE = "new image"
State = auto.StepEventStateMetadata


@dataclass
class Events:
    operation: Operation
    stack: str
    on_step: Callable[[Step], object] | None = None
    _steps: list[Step] = field(default_factory=list[Step])
    errors: list[str] = field(default_factory=list[str])
    _errors: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    """The errors and the URNs of their resources."""
    _warnings: list[tuple[str, str | None]] = field(default_factory=list[tuple[str, str | None]])
    _failed: set[str] = field(default_factory=set[str])
    _parents: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, event: auto.EngineEvent) -> None:
        # A refresh reports the outcome only after it has read the resource.
        step = event.res_outputs_event if self.operation == "refresh" else event.resource_pre_event
        if step:
            self._add_step(step.metadata)
        if event.res_op_failed_event:
            self._failed.add(event.res_op_failed_event.metadata.urn)
        if diagnostic := event.diagnostic_event:
            self._add_diagnostic(diagnostic)
        if violation := event.policy_event:
            if violation.enforcement_level == "mandatory":
                self.fail(_violation(violation))
            else:
                self._warnings.append((_violation(violation), None))

    def warn(self, message: str) -> None:
        """Adds a warning of the simulator to those of the engine."""
        self._warnings.append((message, None))

    def fail(self, message: str) -> None:
        """Adds an error that is no diagnostic, such as one that the engine only printed; nothing if it is empty."""
        if message:
            self.errors.append(message)
            self._errors.append((message, None))

    def forget_steps(self) -> None:
        """Forgets the steps of a preview, whose errors remain."""
        self._steps.clear()

    def result(self) -> Result:
        steps = tuple(replace(each, component=self._component(each.urn)) for each in self._steps)
        return Result(
            succeeded=not self.errors,
            steps=steps,
            errors=tuple(self.errors),
            diagnostics=tuple(self._errors),
            messages=tuple(messages(self._errors, self.stack)),
            warnings=tuple(messages(self._warnings, self.stack)),
            failed=frozenset(self._failed),
        )

    def _add_step(self, metadata: auto.StepEventMetadata) -> None:
        state = metadata.new or metadata.old
        self._parents[metadata.urn] = state.parent if state else ""
        if metadata.op != "same":
            step = Step(metadata.op.value, metadata.urn, note=_note(metadata), differences=_differences(metadata))
            self._steps.append(step)
            if self.on_step:
                self.on_step(step)

    def _add_diagnostic(self, diagnostic: auto.DiagnosticEvent) -> None:
        message = diagnostic.message.strip()
        if diagnostic.severity == "error":
            self._errors.append((message, diagnostic.urn))
            if message.removeprefix(sdk.REPEATED) not in self.errors:
                self.errors.append(message)
        if diagnostic.severity == "warning" and message and LAUNCHER not in message:
            self._warnings.append((message, diagnostic.urn))

    def _component(self, urn: str) -> str:
        while (parent := self._parents.get(urn)) and parent.split("::")[-2] != types.STACK:
            urn = parent
        return urn.rpartition("::")[2]


def _differences(metadata: auto.StepEventMetadata) -> dict[str, tuple[Any, Any]]:
    before, after = metadata.old, metadata.new
    if not (before and after):
        return {}
    values, wanted = before.outputs or {}, after.inputs or {}
    return {key: (values.get(key), wanted.get(key)) for key in metadata.diffs or []}


def _note(metadata: auto.StepEventMetadata) -> str:
    """`new image` if a service is to run another one: this repository built it, or the stack file pins another one."""
    if metadata.type == types.DOCKER_IMAGE:
        return NEW_IMAGE if metadata.op in ("update", "replace", "create-replacement") else ""
    if metadata.type != types.TASK_DEFINITION or not (metadata.old and metadata.new):
        return ""
    before, after = _images(metadata.old), _images(metadata.new)
    return NEW_IMAGE if before and after and before != after else ""


def _images(state: State) -> list[str]:
    """The images of a task definition; empty while they are unknown."""
    try:
        containers: list[Any] = json.loads((state.inputs or {})["containerDefinitions"])
        return [each["image"] for each in containers]
    except (KeyError, TypeError, ValueError):
        return []


def _violation(event: auto.PolicyEvent) -> str:
    """A message with the resource, the violated policy and the fix, which is the last line of the event."""
    name = (event.resource_urn or "the stack").rpartition("::")[-1]
    fix = event.message.strip().rpartition("\n")[-1]
    return f"{name}: {event.policy_name}: {fix}"
