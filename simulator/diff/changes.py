"""What a change means: two states and the engine's own steps, told by component. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.aws import ecs
from simulator.diff import deployment, losses, permissions, reach, rollouts
from simulator.diff.deployment import Line
from simulator.diff.differences import Change, differences
from simulator.diff.losses import REPLACED, SAID_ELSEWHERE, Loss
from simulator.diff.reach import Connection
from simulator.diff.rollouts import Rollout
from simulator.diff.state import Resource, State
from simulator.engine import Step

ROLLS_OUT = frozenset({ecs.SERVICE})
OPERATIONS = ("create", "update", "delete", "replace")
FOLLOWS = {
    "defaultTags": "every resource that takes tags is updated in place",
    "region": "what is deployed stays in the former region: destroy it first",
}
"""What AWS does after an edit of the provider, and the simulation does not show.

https://www.pulumi.com/registry/packages/aws/api-docs/provider/, https://github.com/pulumi/pulumi-aws/pull/5656
"""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One resource that is made, or changed in place."""

    component: str
    type: str
    name: str
    is_new: bool
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Detail:
    """One step of the engine."""

    operation: str
    """create, update, delete or replace."""
    type: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Of one stack."""

    stack: str
    refused: tuple[str, ...] = ()
    """What the engine, the program or the simulated cloud says against it."""
    notes: tuple[str, ...] = ()
    """What a reader must know of how this was found out."""
    removed: bool = False
    """Whether its stack file is gone: nothing is brought up, and nothing deleted."""
    first: tuple[Line, ...] = ()
    """The summary of a first deployment; the fields below are empty then, but for the steps."""
    rollouts: tuple[Rollout, ...] = ()
    losses: tuple[Loss, ...] = ()
    reachable: tuple[Connection, ...] = ()
    unreachable: tuple[Connection, ...] = ()
    """No longer reachable."""
    granted: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    steps: tuple[Detail, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Changes(stack=self.stack, notes=self.notes)


def changes(
    stack: str,
    before: State,
    after: State,
    steps: Iterable[Step],
    *,
    refused: Iterable[str] = (),
    notes: Iterable[str] = (),
) -> Changes:
    edited = before.providers.keys() & after.providers.keys()
    steps = [step for step in steps if step.urn in before.resources.keys() | after.resources.keys() | edited]
    told = Changes(stack=stack, refused=tuple(refused), notes=tuple(notes), steps=tuple(_details(before, after, steps)))
    if not before.resources:
        # Of one that is refused there is nothing to sum up: it was cut in the middle.
        return replace(told, steps=()) if told.refused else replace(told, first=deployment.summary(after))
    old_ways, new_ways = reach.connections(before), reach.connections(after)
    old_grants, new_grants = permissions.grants(before), permissions.grants(after)
    return replace(
        told,
        rollouts=tuple(rollouts.rollouts(before, after, steps, losses.replaced(steps))),
        losses=tuple(losses.losses(before, after, steps)),
        reachable=tuple(sorted(new_ways - old_ways)),
        unreachable=tuple(sorted(old_ways - new_ways)),
        granted=tuple(permissions.sentences(new_grants - old_grants)),
        revoked=tuple(permissions.sentences(old_grants - new_grants)),
        edits=(
            *_providers(before, after),
            *sorted(_edits(before, after, steps), key=lambda each: (each.component, each.type, each.name)),
        ),
    )


def _providers(before: State, after: State) -> Iterator[Edit]:
    for urn in sorted(before.providers.keys() & after.providers.keys()):
        provider = after.providers[urn]
        if found := differences(before.providers[urn].inputs, provider.inputs):
            yield _edit(provider, is_new=False, found=(*found, *_follows(found)))


def _follows(found: Iterable[Change]) -> Iterator[Change]:
    for setting in dict.fromkeys(re.split(r"[.\[]", each.what)[0] for each in found):
        if setting in FOLLOWS:
            yield Change(what=FOLLOWS[setting], before=None, after=None)


def _edits(before: State, after: State, steps: Iterable[Step]) -> Iterator[Edit]:
    """Less what the other fields tell, and what only follows a new id."""
    created = {step.urn for step in steps if step.operation == "create"}
    updated = {step.urn for step in steps if step.operation == "update"}
    for urn, new in after.resources.items():
        old = before.resources.get(urn)
        if old is None:
            if urn in created and _is_news(new) and new.component not in after.services.keys() - before.services.keys():
                yield _edit(new, is_new=True, found=())
            continue
        found = differences(old.inputs, new.inputs) if urn in updated and _is_news(new) else ()
        if urn in updated and new.type in losses.DATA and not found:
            found = (Change(what="what it refers to is replaced", before=None, after=None),)
        if old.protect != new.protect:
            found = (*found, Change(what="protect", before=str(old.protect).lower(), after=str(new.protect).lower()))
        if found:
            yield _edit(new, is_new=False, found=found)


def _is_news(resource: Resource) -> bool:
    return resource.type not in SAID_ELSEWHERE | ROLLS_OUT


def _edit(resource: Resource, *, is_new: bool, found: tuple[Change, ...]) -> Edit:
    return Edit(component=resource.component, type=resource.type, name=resource.name, is_new=is_new, changes=found)


def _details(before: State, after: State, steps: Iterable[Step]) -> Iterator[Detail]:
    """A replacement is several steps of the engine, and one here."""
    operations: dict[str, str] = {}
    for step in steps:
        said = "replace" if step.operation in REPLACED else step.operation
        for operation in OPERATIONS:
            if said == operation and operations.get(step.urn) != "replace":
                operations[step.urn] = operation
    found: list[tuple[str, Detail]] = []
    for urn, operation in operations.items():
        old, new = before.find(urn), after.find(urn)
        resource = new or old
        if resource is None:
            continue
        both = differences(old.inputs, new.inputs) if old and new else ()
        detail = Detail(operation=operation, type=resource.type, name=resource.name, changes=both)
        found.append((resource.component, detail))
    yield from (detail for _, detail in sorted(found, key=lambda each: (each[0], each[1].type, each[1].name)))
