"""The two kinds of house rules, the decorators that declare them, and the resources that they check.

A decorated function becomes the rule, so a rule's id, description, types and check are in one place:

    @resource_rule(id="logs-expire", description="A log group has a retention period.", types={types.LOG_GROUP})
    def logs_expire(resource: Resource) -> Iterator[str]:
        if not resource.props.get("retentionInDays"):
            yield "its logs never expire"

`policy/rules.py` lists the rules that the pack enforces. Nothing here imports Pulumi.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as the engine reports it to a policy pack."""

    type: str
    name: str
    """The logical name."""
    urn: str
    props: Mapping[str, Any]
    """By wire name: the inputs for a Rule, the outputs for a StackRule. To read a value that a preview does not know
    ends the rule, and the engine reports that the rule could not run."""
    protect: bool = False
    """Pulumi's resource option."""
    uses: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The URNs of the resources that each input comes from. Known in a preview. Empty for a Rule."""


ResourceCheck = Callable[[Resource], Iterable[str]]
"""Yields a finding for each violation."""
StackCheck = Callable[[Sequence[Resource]], Iterable[tuple[Resource, str]]]
"""Yields the resource and a finding for each violation."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Checks one resource by its inputs, before the engine creates or updates it."""

    id: str
    description: str
    types: frozenset[str]
    check: ResourceCheck
    fix: str = ""
    """One sentence that follows every finding. Without it each finding names its own fix."""
    source: str = ""
    """The page that explains why."""
    advisory: bool = False
    """Whether a violation is a warning and stops no update."""

    def violations(self, resource: Resource) -> Iterator[str]:
        """The messages for this resource, none if it is of another type."""
        if resource.type in self.types:
            for finding in self.check(resource):
                yield _message(finding, self.fix)


@dataclass(frozen=True, kw_only=True)
class StackRule:
    """Checks resources against each other, when the program has declared all of them.

    An update checks too late: its resources exist. `pulumi up` previews first, so decide by `uses`, not by ids.
    """

    id: str
    description: str
    check: StackCheck
    fix: str = ""
    """As in Rule."""
    source: str = ""
    """As in Rule."""
    advisory: bool = False
    """As in Rule."""

    def violations(self, resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
        """The messages for these resources, which are all of the stack's."""
        for resource, finding in self.check(resources):
            yield resource, _message(finding, self.fix)


def resource_rule(
    *, id: str, description: str, types: Set[str], fix: str = "", source: str = ""
) -> Callable[[ResourceCheck], Rule]:
    """Turns the check of one resource into a Rule for resources of these types."""

    def declare(check: ResourceCheck) -> Rule:
        return Rule(id=id, description=description, types=frozenset(types), check=check, fix=fix, source=source)

    return declare


def stack_rule(
    *, id: str, description: str, fix: str = "", source: str = "", advisory: bool = False
) -> Callable[[StackCheck], StackRule]:
    """Turns the check of a whole stack into a StackRule."""

    def declare(check: StackCheck) -> StackRule:
        return StackRule(id=id, description=description, check=check, fix=fix, source=source, advisory=advisory)

    return declare


def of(resources: Iterable[Resource], *types: str) -> list[Resource]:
    """The resources of these types."""
    return [each for each in resources if each.type in types]


def used(resources: Iterable[Resource], key: str) -> set[str]:
    """The URNs of the resources that this input comes from, over all these resources."""
    return {urn for each in resources for urn in each.uses.get(key, ())}


def _message(finding: str, fix: str) -> str:
    return f"{finding}. {fix}" if fix else finding
