"""The time that an update takes on AWS: the longest path through the changed resources by their dependencies.

Pulumi creates and changes a resource once those that it depends on are done, everything else side by side, and deletes
at the end, dependents first: https://www.pulumi.com/docs/iac/concepts/how-pulumi-works/#creation-and-deletion-order
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from graphlib import TopologicalSorter
from itertools import groupby

from ecs import types
from review.changes.duration import figures, service
from review.changes.duration.wait import Wait
from review.deployment.state import Resource, State
from simulator.events import Step

SHORTEST = 15
"""Seconds of an update below which nobody waits for it."""
CREATED = frozenset({"create", "create-replacement"})
DELETED = frozenset({"delete", "delete-replaced"})


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The waits of one component on the path, one after another."""

    component: str
    """Empty outside any component."""
    deletes: bool
    seconds: int
    waits: tuple[Wait, ...]


@dataclass(frozen=True, kw_only=True)
class Duration:
    seconds: int
    stages: tuple[Stage, ...]
    """On the longest path, in their order."""


@dataclass(frozen=True, kw_only=True)
class _Path:
    seconds: int = 0
    urns: tuple[str, ...] = ()


def duration(before: State, after: State, steps: Iterable[Step], deployed: Set[str]) -> Duration | None:
    """None if the update takes less than SHORTEST. `deployed`: the names of the services that ECS deploys."""
    steps = list(steps)
    first = _deleted_first(steps)
    changing = dict(_changing(before, after, steps, deployed, first))
    deleting = {
        step.urn: _deletion(before, before.resources[step.urn])
        for step in steps
        if step.operation in DELETED and step.urn in before.resources and step.urn not in first
    }
    paths = [
        (changing, after, _longest(changing, _dependencies(after)), False),
        (deleting, before, _longest(deleting, _dependents(before)), True),
    ]
    seconds = sum(path.seconds for _, _, path, _ in paths)
    if seconds < SHORTEST:
        return None
    return Duration(
        seconds=seconds,
        stages=tuple(
            stage
            for waits, state, path, deletes in paths
            for stage in _stages([(state.resources[urn].component, waits.get(urn, ())) for urn in path.urns], deletes)
        ),
    )


def _changing(
    before: State, after: State, steps: Iterable[Step], deployed: Set[str], first: Set[str]
) -> Iterator[tuple[str, tuple[Wait, ...]]]:
    for step in steps:
        new, old = after.resources.get(step.urn), before.resources.get(step.urn)
        if new is None or step.operation not in CREATED | {"update"}:
            continue
        operation: figures.Operation = "create" if step.operation in CREATED else "update"
        waits = _waits(after, new, operation, old, deploys=new.component in deployed)
        yield step.urn, (*(_deletion(before, old) if old and step.urn in first else ()), *waits)


def _waits(
    state: State, resource: Resource, operation: figures.Operation, before: Resource | None, *, deploys: bool
) -> tuple[Wait, ...]:
    if resource.type == types.PARAMETER:  # a hook runs a task: components/task_hook.py
        return service.START, service.RUN
    if resource.type == types.SERVICE and (operation == "create" or deploys):
        return service.deployment(state, resource, replaces=operation == "update")
    return figures.waits(resource, operation, before)


def _deletion(state: State, resource: Resource) -> tuple[Wait, ...]:
    return (
        service.stopping(state, resource) if resource.type == types.SERVICE else figures.waits(resource, "delete", None)
    )


def _deleted_first(steps: Iterable[Step]) -> frozenset[str]:
    """The replaced resources that are deleted before they are created again, as their names are unique."""
    found: set[str] = set()
    created: set[str] = set()
    for step in steps:
        if step.operation == "create-replacement":
            created.add(step.urn)
        elif step.operation == "delete-replaced" and step.urn not in created:
            found.add(step.urn)
    return frozenset(found & created)


def _dependencies(state: State) -> dict[str, frozenset[str]]:
    return {urn: each.depends_on & state.resources.keys() for urn, each in state.resources.items()}


def _dependents(state: State) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {urn: set() for urn in state.resources}
    for urn, others in _dependencies(state).items():
        for other in others:
            found[other].add(urn)
    return {urn: frozenset(others) for urn, others in found.items()}


def _longest(waits: Mapping[str, tuple[Wait, ...]], graph: Mapping[str, frozenset[str]]) -> _Path:
    """Through unchanged resources, too: one that depends on a changed resource is registered after it."""
    paths: dict[str, _Path] = {}
    for urn in TopologicalSorter(graph).static_order():
        former = max((paths[each] for each in graph[urn]), key=_order, default=_Path())
        own = sum(each.seconds for each in waits.get(urn, ()))
        paths[urn] = _Path(seconds=former.seconds + own, urns=(*former.urns, urn) if own else former.urns)
    return max(paths.values(), key=_order, default=_Path())


def _order(path: _Path) -> tuple[int, tuple[str, ...]]:
    """By seconds; by name where several take as long."""
    return path.seconds, path.urns


def _stages(path: Iterable[tuple[str, tuple[Wait, ...]]], deletes: bool) -> Iterator[Stage]:
    for component, group in groupby(path, key=lambda each: each[0]):
        waits = tuple(wait for _, waits in group for wait in waits)
        yield Stage(component=component, deletes=deletes, seconds=sum(each.seconds for each in waits), waits=waits)
