"""Computes the changes of one stack from two states and the engine's steps. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace

from cost.difference import Difference, difference
from cost.estimate import Estimate
from ecs import types
from review.changes import budget, jobs, logins, replacements, rollouts, strategies
from review.changes.concerns.concern import Concern
from review.changes.concerns.find import concerns
from review.changes.differences import Change, differences
from review.changes.duration.path import Duration, duration
from review.changes.jobs import JobChange
from review.changes.replacements import REPLACED, REPORTED_ELSEWHERE, Replacement
from review.changes.rollouts import Rollout
from review.changes.usual import separated
from review.deployment import connectivity, permissions, summary
from review.deployment.connectivity import Connection
from review.deployment.state import Resource, State
from review.deployment.summary import Line
from simulator.engine import Step

ROLLS_OUT = frozenset({types.SERVICE})
OPERATIONS = ("create", "update", "delete", "replace")
FOLLOWS = {
    "defaultTags": "every resource that takes tags is updated in place",
    "region": "the deployed resources stay in the former region: destroy the stack first",
}
"""By setting of the AWS provider: the effect of an edit on AWS, which the simulation does not show.

https://www.pulumi.com/registry/packages/aws/api-docs/provider/, https://github.com/pulumi/pulumi-aws/pull/5656
"""


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One resource that is created or updated in place."""

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
class Source:
    """The source of a promoted image."""

    service: str
    before: str | None = None
    """The commit of the former image; None if the stack file does not name it."""
    after: str | None = None
    """The commit of the new image, likewise."""
    commits: tuple[str, ...] | None = None
    """One line for each commit since the former image; None if they are unknown."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes of one stack."""

    stack: str
    errors: tuple[str, ...] = ()
    """The errors of the engine, the program and the simulated cloud."""
    notes: tuple[str, ...] = ()
    """Conditions of the comparison that a reader must know."""
    removed: bool = False
    """Whether its stack file is removed: nothing is deployed, and nothing deleted."""
    protected: bool = False
    """Whether Pulumi protects a resource of it, before or after."""
    pinned: bool = False
    """Whether it builds no image, as production."""
    services: int = 0
    """Number of its services after the change."""
    concerns: tuple[Concern, ...] = ()
    """What should worry a reviewer, the worst first."""
    duration: Duration | None = None
    """On AWS; None if nobody would wait for it, or the update fails."""
    summary: tuple[Line, ...] = ()
    """Of a first deployment; of the fields below only the steps are not empty then."""
    rollouts: tuple[Rollout, ...] = ()
    strategies: tuple[str, ...] = ()
    """Lines on the services that shift traffic while they roll out, or whose deployment strategy changes."""
    logins: tuple[str, ...] = ()
    """Sentences on who logs in to the database as whom."""
    jobs: tuple[JobChange, ...] = ()
    sources: tuple[Source, ...] = ()
    """Of the services whose pinned image changes."""
    replacements: tuple[Replacement, ...] = ()
    reachable: tuple[Connection, ...] = ()
    """The new connections that no former one allowed."""
    unreachable: tuple[Connection, ...] = ()
    """The removed connections that no other one allows."""
    granted: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    """The connections and permissions that each new service has as every other; the fields above lack them."""
    former: tuple[str, ...] = ()
    """The same for the removed services."""
    edits: tuple[Edit, ...] = ()
    cost: Difference | None = None
    """What the change costs; None if it costs nothing or if the deployment fails."""
    steps: tuple[Detail, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self == Changes(
            stack=self.stack, notes=self.notes, protected=self.protected, pinned=self.pinned, services=self.services
        )

    @property
    def importance(self) -> tuple[bool, bool]:
        """Sorts stacks: those with protected data first, then those that run pinned images."""
        return not self.protected, not self.pinned


def changes(
    stack: str,
    before: State,
    after: State,
    steps: Iterable[Step],
    *,
    errors: Iterable[str] = (),
    notes: Iterable[str] = (),
    costs: tuple[Estimate, Estimate] | None = None,
) -> Changes:
    """`costs` are the estimates of both states; None: the cost is not compared."""
    edited = before.providers.keys() & after.providers.keys()
    steps = [step for step in steps if step.urn in before.resources.keys() | after.resources.keys() | edited]
    both = [*before.resources.values(), *after.resources.values()]
    found = Changes(
        stack=stack,
        errors=tuple(errors),
        notes=tuple(notes),
        protected=any(each.protect for each in both),
        pinned=bool(both) and not any(each.type == types.DOCKER_IMAGE for each in both),
        services=len(after.services),
        steps=tuple(_details(before, after, steps)),
    )
    if not before.resources:
        # A summary of a failed first deployment would describe only the part that was created.
        if found.errors:
            return replace(found, steps=())
        found = replace(
            found,
            summary=(*summary.summary(after), *budget.summary(costs)),
            concerns=concerns(before, after, ()),
            duration=duration(before, after, steps, frozenset()),
        )
        return _with_costs(found, costs)
    old_connections, new_connections = connectivity.connections(before), connectivity.connections(after)
    old_grants, new_grants = (
        frozenset(each for each in found if not permissions.is_expected(each, found))
        for found in (permissions.grants(before), permissions.grants(after))
    )
    added, removed = (set(one.services) - set(other.services) for one, other in ((after, before), (before, after)))
    reachable, granted, usual = separated(after, added, new_connections - old_connections, new_grants - old_grants)
    unreachable, revoked, former = separated(
        before, removed, old_connections - new_connections, old_grants - new_grants
    )
    reachable, unreachable = (
        connectivity.beyond(reachable, old_connections),
        connectivity.beyond(unreachable, new_connections),
    )
    replaced = tuple(replacements.replacements(before, after, steps))
    rolling = tuple(rollouts.rollouts(before, after, steps, replacements.replaced(steps)))
    found = replace(
        found,
        concerns=concerns(before, after, replaced),
        duration=None if found.errors else duration(before, after, steps, {each.service for each in rolling}),
        rollouts=rolling,
        strategies=tuple(strategies.texts(before, after, {each.service for each in rolling}, costs and costs[1])),
        logins=tuple(logins.texts(before, after)),
        jobs=tuple(jobs.jobs(before, after)),
        sources=tuple(Source(service=each.service) for each in rolling if found.pinned and each.has_new_image),
        replacements=replaced,
        reachable=tuple(sorted(reachable)),
        unreachable=tuple(sorted(unreachable)),
        granted=tuple(permissions.sentences(granted)),
        revoked=tuple(permissions.sentences(revoked)),
        usual=usual,
        former=former,
        edits=(
            *_providers(before, after),
            *sorted(
                _edits(before, after, steps, {each.service for each in rolling}),
                key=lambda each: (each.component, each.type, each.name),
            ),
        ),
    )
    return _with_costs(found, costs)


def _with_costs(found: Changes, costs: tuple[Estimate, Estimate] | None) -> Changes:
    """With the difference of the costs, unless it is a first deployment or one that fails."""
    if costs is None or found.errors:
        return found
    concerns = tuple(sorted((*found.concerns, *budget.concerns(*costs)), key=lambda each: each.rank))
    return replace(found, concerns=concerns, cost=None if found.summary else difference(*costs))


def _providers(before: State, after: State) -> Iterator[Edit]:
    for urn in sorted(before.providers.keys() & after.providers.keys()):
        provider = after.providers[urn]
        if found := differences(before.providers[urn].inputs, provider.inputs):
            yield _edit(provider, is_new=False, found=(*found, *_follows(found)))


def _follows(found: Iterable[Change]) -> Iterator[Change]:
    for setting in dict.fromkeys(re.split(r"[.\[]", each.property)[0] for each in found):
        if setting in FOLLOWS:
            yield Change(property=FOLLOWS[setting], before=None, after=None)


def _edits(before: State, after: State, steps: Iterable[Step], rolling: Set[str]) -> Iterator[Edit]:
    """The edits that no other field reports, without those that only follow a new id. `rolling`: services."""
    created = {step.urn for step in steps if step.operation == "create"}
    updated = {step.urn for step in steps if step.operation == "update"}
    added = (after.services.keys() - before.services.keys()) | (after.jobs.keys() - before.jobs.keys())
    for urn, new in after.resources.items():
        old = before.resources.get(urn)
        if rollouts.is_migration(new) and urn in created | updated:
            if new.component not in rolling:
                yield _edit(new, is_new=False, found=(rollouts.MIGRATES,))
            continue
        if old is None:
            if urn in created and _is_edit(new) and new.component not in added:
                yield _edit(new, is_new=True, found=())
            continue
        found = differences(old.inputs, new.inputs) if urn in updated and _is_edit(new) else ()
        if urn in updated and new.type in replacements.EFFECT_ON_DATA and not found:
            found = (Change(property="a referenced resource is replaced", before=None, after=None),)
        if old.protect != new.protect:
            found = (
                *found,
                Change(property="protect", before=str(old.protect).lower(), after=str(new.protect).lower()),
            )
        if found:
            yield _edit(new, is_new=False, found=found)


def _is_edit(resource: Resource) -> bool:
    """The schedules of jobs, and the parameter of that of the logins, are among the changes of jobs."""
    return resource.type not in REPORTED_ELSEWHERE | ROLLS_OUT | {types.SCHEDULE, types.PARAMETER}


def _edit(resource: Resource, *, is_new: bool, found: tuple[Change, ...]) -> Edit:
    return Edit(component=resource.component, type=resource.type, name=resource.name, is_new=is_new, changes=found)


def _details(before: State, after: State, steps: Iterable[Step]) -> Iterator[Detail]:
    """One for each resource: a replacement consists of several steps of the engine."""
    operations: dict[str, str] = {}
    for step in steps:
        operation = "replace" if step.operation in REPLACED else step.operation
        if operation in OPERATIONS and operations.get(step.urn) != "replace":
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
