"""What a rule sees of a stack, and what a rule is.

A rule sees resources, not settings. The engine gives a policy pack no configuration when a language host starts it,
and a rule that believed the stack file would not see that the program forgot what the file says. So whether a stack is
protected, pinned or has public addresses is told by its resources, and a rule holds them against each other: what one
of them says, the others must say too. That every one of them follows the stack file is a unit test's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as the program declares it."""

    type: str
    name: str
    """The logical one."""
    urn: str
    props: Mapping[str, Any]
    """The inputs by their wire names. To read one that a preview cannot know ends the rule, and is only a warning."""
    protect: bool = False
    """Pulumi's own option: not to be deleted or replaced."""
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By input: the URNs of the resources that it comes from. A preview knows them all. Only in a StackRule."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """About one resource alone: it stops an update before that resource is touched."""

    name: str
    description: str
    types: frozenset[str]
    check: Callable[[Resource], Iterable[str]]
    """What is wrong and what to change, one message each."""


@dataclass(frozen=True, kw_only=True)
class StackRule:
    """About resources beside each other: judged when all are declared. `pulumi up` previews first, so in time."""

    name: str
    description: str
    check: Callable[[Sequence[Resource]], Iterable[tuple[Resource, str]]]
    """What is wrong with which resource and what to change."""


def of(resources: Iterable[Resource], *types: str) -> list[Resource]:
    """Those of these types."""
    return [each for each in resources if each.type in types]


def used(resources: Iterable[Resource], key: str) -> set[str]:
    """The URNs that this input of theirs comes from."""
    return {urn for each in resources for urn in each.uses.get(key, ())}
