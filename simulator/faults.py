"""Faults that an operation meets, as AWS and the network produce them: `--fault KIND:RESOURCE`."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bootstrap.actions import ROWS
from ecs import types
from ecs.container import MIGRATED
from simulator.failure import Failure

Operation = Literal["create", "read", "update", "delete"]

EXPIRED = "api error ExpiredTokenException: The security token included in the request is expired"
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html"""
ALARMS = "Add `alerts` to the stack file and deploy it, then change the image of the public service."
APPROVAL = "Set `approve: true` in `rollout` of the stack file and deploy it, then change the service's image."
TIMED_OUT = "timeout while waiting for state to become 'available'"
"""https://github.com/hashicorp/terraform-plugin-sdk/blob/v2.38.1/helper/retry/error.go"""


@dataclass(frozen=True, kw_only=True)
class Kind:
    effect: str
    """What the fault does, for `--help` and the message after the operation."""
    operation: Operation | None = None
    """The operation that fails; None for a rollout, for a task and for `expired`."""
    carried_out: bool = False
    """Whether AWS carries the request out before the operation fails."""

    @property
    def is_rollout(self) -> bool:
        return self.operation is None and self is not KINDS["expired"] and not self.is_of_a_task

    @property
    def is_of_a_task(self) -> bool:
        return self in (KINDS["task-fails"], KINDS["task-hangs"])


KINDS: Mapping[str, Kind] = {
    "create-fails": Kind(operation="create", effect="AWS refuses to create it; nothing exists"),
    "create-unfinished": Kind(
        operation="create", carried_out=True, effect="AWS creates it; the time-out comes before it is ready"
    ),
    "quota": Kind(operation="create", effect="AWS refuses to create it: a quota is reached"),
    "update-fails": Kind(operation="update", effect="AWS refuses to change it; nothing changed"),
    "update-unfinished": Kind(
        operation="update", carried_out=True, effect="AWS changes it; the time-out comes before it is ready"
    ),
    "delete-fails": Kind(operation="delete", effect="AWS refuses to delete it; it exists"),
    "delete-unfinished": Kind(
        operation="delete", carried_out=True, effect="AWS deletes it; the time-out comes before it is gone"
    ),
    "expired": Kind(effect="the credentials expire here: AWS refuses this and each later request"),
    "rollback": Kind(effect="ECS rolls the service back; the update fails"),
    "alarm": Kind(effect="an alarm is raised during the rollout; ECS rolls the service back and the update fails"),
    "silent-rollback": Kind(effect="ECS rolls the service back; the provider does not report it"),
    "alarm-in-step": Kind(
        effect="an alarm is raised while a part of the traffic is shifted; ECS shifts it back and the update fails"
    ),
    "alarm-in-bake": Kind(
        effect="an alarm is raised while the former tasks still run; ECS shifts the traffic back and the update fails"
    ),
    "unhealthy": Kind(effect="no task of the service's first rollout becomes healthy"),
    "in-progress": Kind(effect="the service's rollout is still in progress when the time-out comes"),
    "baking": Kind(effect="all traffic is shifted and the former tasks still run when the time-out comes"),
    "waiting": Kind(effect="nobody approves the rollout, and the update that waits for it is interrupted"),
    "rejected": Kind(effect="somebody rejects the rollout; ECS rolls the service back and the update fails"),
    "approval-timeout": Kind(
        effect="nobody approves the rollout in time; ECS rolls the service back and the update fails"
    ),
    "task-fails": Kind(effect="the task that it runs before it is created or changed ends with exit code 1"),
    "task-hangs": Kind(effect="the task that it runs before it is created or changed does not end in time"),
}
"""The kinds of faults by name."""
OF_ALARMS = ("alarm", "alarm-in-step", "alarm-in-bake")
"""The kinds that the alarms of a deployment end."""
OF_APPROVAL = ("waiting", "rejected", "approval-timeout")
"""The kinds of a deployment that waits for approval. Without one, somebody approves it at once."""
OF_NEW_RESOURCES = (
    *("create-fails", "create-unfinished", "quota", "expired", "unhealthy", "in-progress", "baking"),
    *("waiting", "task-fails", "task-hangs"),
)
"""The kinds that a resource can meet which is not deployed yet."""


@dataclass(frozen=True, order=True)
class Fault:
    kind: str
    """A key of KINDS."""
    resource: str
    """The logical name of a resource. The name of a service stands for its ECS service, and for its migration."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.resource}"

    @property
    def effect(self) -> str:
        return KINDS[self.kind].effect

    def concerns(self, urn: str) -> bool:
        name = urn.rpartition("::")[2]
        if KINDS[self.kind].is_of_a_task:
            return name in (self.resource, f"{self.resource}{MIGRATED}")
        return name == self.resource or (types.SERVICE in urn and name == f"{self.resource}-service")

    def is_of(self, names: Collection[str]) -> bool:
        """Whether one of the names is the resource's."""
        return not {self.resource, f"{self.resource}-service", f"{self.resource}{MIGRATED}"}.isdisjoint(names)

    def problem(self, names: Collection[str]) -> str:
        """Why an operation cannot meet the fault, given the names of the deployed resources; empty if it can."""
        if self.kind in OF_NEW_RESOURCES or self.is_of(names):
            return ""
        near = difflib.get_close_matches(self.resource, names, n=1)
        return f"{self}: no deployed resource has this name. {f'Did you mean {near[0]}?' if near else 'Run up first.'}"

    def missed(self, names: Collection[str]) -> str:
        """Why no operation met the fault, given the names of the resources after it."""
        if not self.is_of(names):
            return self.problem(names) or f"{self}: not played: no resource has this name."
        if self.kind in OF_ALARMS:
            return f"{self}: not played: no service with deployment alarms was rolled out. {ALARMS}"
        if self.kind in OF_APPROVAL:
            return f"{self}: not played: no deployment that waits for approval. {APPROVAL}"
        if KINDS[self.kind].is_of_a_task:
            return f"{self}: not played: nothing ran a task for it."
        if KINDS[self.kind].is_rollout:
            return f"{self}: not played: there was no such rollout. Change the service's image or size first."
        if self.kind == "quota":
            return f"{self}: not played: there was nothing to create, or its type has no quota in the simulator."
        operation = KINDS[self.kind].operation or "change"
        return f"{self}: not played: there was nothing to {operation}. Change the stack file first."


@dataclass
class Faults:
    """The faults of one operation of the engine, and those of them that happened."""

    faults: tuple[Fault, ...] = ()
    played: set[Fault] = field(default_factory=set[Fault])
    _expired: bool = False

    @property
    def missed(self) -> list[Fault]:
        """The faults that no operation met."""
        return [each for each in self.faults if each not in self.played]

    def refusal(self, token: str, urn: str, operation: Operation, failure: Failure) -> str:
        """AWS's error if it refuses the request; empty otherwise."""
        self._expired = self._expired or self._play("expired", urn)
        if self._expired:
            return _error(token, operation, EXPIRED)
        for name, kind in KINDS.items():
            error = failure.quota and f"api error {failure.quota}" if name == "quota" else failure.refusal
            if error and kind.operation == operation and not kind.carried_out and self._play(name, urn):
                return _error(token, operation, error)
        return ""

    def interruption(self, urn: str, operation: Operation) -> str:
        """The provider's error if it fails after AWS has carried the request out; empty otherwise."""
        for name, kind in KINDS.items():
            if kind.operation == operation and kind.carried_out and self._play(name, urn):
                return TIMED_OUT
        return ""

    def rollout(self, urn: str, possible: Iterable[str]) -> str:
        """The kind of the fault of a service's rollout, one of the possible ones; empty if there is none."""
        return next((kind for kind in possible if self._play(kind, urn)), "")

    def stays_in_progress(self, urn: str) -> bool:
        """Whether the service's rollout, which an earlier operation began, does not end."""
        return self._play("in-progress", urn) or self._play("baking", urn)

    def task(self, urn: str) -> str:
        """The kind of the fault of the task that a resource runs; empty if there is none."""
        return next((kind for kind in ("task-fails", "task-hangs") if self._play(kind, urn)), "")

    def keeps_running(self, name: str) -> bool:
        """Whether a task that an earlier operation started for the resource with this logical name does not end."""
        return self._play("task-hangs", f"::{name}")

    def _play(self, kind: str, urn: str) -> bool:
        found = {each for each in self.faults if each.kind == kind and each.concerns(urn)}
        self.played |= found
        return bool(found)


def _error(token: str, operation: Operation, error: str) -> str:
    """An error of AWS's SDK, as the provider reports it. https://aws.github.io/aws-sdk-go-v2/docs/handling-errors/"""
    action = next(_actions(token, operation), "") if token.startswith("aws:") else ""
    service, _, name = action.partition(":")
    return f"operation error {service}: {name}, {error}" if action else error


def _actions(token: str, operation: Operation) -> Iterator[str]:
    for row in ROWS:
        if row.type == token:
            found: Mapping[Operation, Sequence[str]] = {
                "create": row.create,
                "read": row.read,
                "update": (*row.update.get("*", ()), *(action for each in row.update.values() for action in each)),
                "delete": row.delete,
            }
            yield from found[operation]
