"""One row of the table of actions: what the AWS provider calls for a resource type, and on which resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Actions = tuple[str, ...]
"""Actions of IAM, such as `ecs:CreateService`."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """The actions for a resource type, on one resource.

    Source of the calls, for the arguments that the program sets: `internal/service/` of
    https://github.com/hashicorp/terraform-provider-aws/tree/5f2286d6d836c1969afcf1b5b8f48194644295c6 (June 2026).
    Source of actions and ARNs: https://docs.aws.amazon.com/service-authorization/latest/reference/
    """

    type: str
    """The type token of the resource or function."""
    arn: str
    """The resource's ARN: a template over the inputs, `account` and `region`; `*` if actions support no resource."""
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    """What is known of the inputs in `arn` before they exist: patterns over the fields of Scope."""
    also: Actions = ()
    """Patterns of the further resources that AWS checks for the same actions."""
    conditions: Mapping[str, str] = field(default_factory=dict[str, str])
    """Values that condition keys of the writing actions must have: templates over the fields of Scope."""

    read: Actions = ()
    create: Actions = ()
    tag: Actions = ()
    update: Mapping[str, Actions] = field(default_factory=dict[str, Actions])
    """The actions by the input that changes; `*` stands for every other input."""
    delete: Actions = ()

    @property
    def write(self) -> list[str]:
        """All actions but those of `read`, in the order of their names."""
        updates = {action for actions in self.update.values() for action in actions}
        return sorted({*self.create, *self.tag, *updates, *self.delete})


def each(service: str, names: str) -> Actions:
    """The actions of a service by their names, which spaces separate."""
    return tuple(f"{service}:{name}" for name in names.split())
