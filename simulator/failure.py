"""What a failed operation leaves, by resource type: in AWS and in Pulumi's state.

Engine: https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/resource/deploy/step.go, step_generator.go
Bridge: https://github.com/pulumi/pulumi-terraform-bridge/blob/59de6c661df1e7561e6ece7ad7f1c835c63010c4/pkg/tfbridge/provider.go
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.store import Properties


class RejectedError(Exception):
    """The cloud rejected the request and changed nothing."""


class UndecidedError(Exception):
    """A check needs a value or an object that a preview does not know."""


class InitFailedError(Exception):
    """The cloud carried out the change, but the resource did not become ready. `outputs` are its current outputs."""

    def __init__(self, message: str, id: str, outputs: Properties) -> None:
        super().__init__(message)
        self.id = id
        self.outputs = outputs


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The behavior of a type's real provider after a failure."""

    sdk: Literal["sdk", "framework", "native"] = "sdk"
    """What the real provider is written with: Terraform's SDK v2 or plugin framework, or without Terraform."""
    source: str = ""
    """The file of the real provider."""
    id_after_wait: bool = False
    """Whether the provider sets the resource's ID only after it has waited for it."""
    empty_update: Literal["reads", "applies", "nothing", "fails"] = "reads"
    """What an update without a difference does: it reads what AWS has, sends all values again, does neither, or fails
    until a refresh."""
    unreadable: frozenset[str] = frozenset()
    """The inputs that the provider does not read from AWS: the state keeps its own values in a refresh."""
    restored: frozenset[str] = frozenset()
    """The inputs whose former values the provider puts back into the state after a failed update."""
    refusal: str = "api error ThrottlingException: Rate exceeded"
    """The error of an operation that fails before anything changes. This one comes after the provider's last retry.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html"""
    taken: str = ""
    """The code of AWS's error when the name is taken, if the simulator has it."""
    missing: str = ""
    """The code of AWS's error when another resource refers to one that does not exist, if the simulator has it."""
    quota: str = ""
    """AWS's error when the quota of the type is reached; empty if none is known. AWS may choose other words."""

    @property
    def sends_all(self) -> bool:
        """Whether an update sends every input, and not only those that change."""
        return self.sdk != "sdk" or self.empty_update == "applies"

    @property
    def created(self) -> Literal["recorded", "lost"]:
        """Whether the state has a resource that AWS created although its create failed."""
        return "lost" if self.id_after_wait or self.sdk != "sdk" else "recorded"

    @property
    def state(self) -> Literal["planned", "former"]:
        """The values in the state after a failed update.

        `planned`: the planned ones, with init errors. The next update has no difference. `former`: the next update is
        the same one again.
        """
        return "planned" if self.sdk == "sdk" else "former"


def coded(code: str, message: str) -> str:
    """The message after AWS's code, if there is one."""
    return f"{code}: {message}" if code else message
