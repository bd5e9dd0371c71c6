"""Finds what should worry a reviewer of one stack. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from ecs import types
from review.changes.concerns import access, data, health, restarts
from review.changes.concerns.concern import Check, Concern, Event
from review.changes.concerns.exposure import exposures
from review.changes.concerns.wider import wider
from review.changes.differences import Change, excerpts
from review.changes.logins import lockouts
from review.changes.replacements import EFFECT_ON_DATA, Replacement
from review.deployment.state import Properties, Resource, State
from review.nouns import inventory

PROTECT = "https://www.pulumi.com/docs/iac/concepts/options/protect/"
REPLACE = "https://www.pulumi.com/docs/iac/concepts/how-pulumi-works/#updating-resources"


def concerns(before: State, after: State, replacements: Iterable[Replacement]) -> tuple[Concern, ...]:
    """The worst first. For a first deployment only what the internet reaches."""
    if not before.resources:
        return _sorted(exposures(before, after))
    return _sorted(
        chain(
            _replacements(list(replacements)),
            _protection(before, after),
            _checked(before, after),
            exposures(before, after),
            wider(before, after),
            lockouts(before, after),
        )
    )


def checks(type: str) -> tuple[Check, ...]:
    tables = (data.CHECKS, access.CHECKS, health.CHECKS, restarts.CHECKS)
    return tuple(check for table in tables for check in table.get(type, ()))


def _sorted(found: Iterable[Concern]) -> tuple[Concern, ...]:
    """Of the same rank, logs come last: other data is worth more."""
    return tuple(
        sorted(found, key=lambda each: (each.rank, each.type == types.LOG_GROUP, each.type, each.name, each.text))
    )


def _replacements(found: list[Replacement]) -> Iterator[Concern]:
    for each in found:
        if each.data:
            causes = f" ({', '.join(map(_values, each.causes))})" if each.causes else ""
            yield Concern(
                severity="caution",
                topic="data",
                type=each.type,
                name=each.name,
                component=each.component,
                text=f"{each.operation}{causes}: {each.data}",
                source=REPLACE,
            )
    others = [each for each in found if not each.data and each.operation == "replaced"]
    if others:
        yield Concern(
            severity="warning",
            topic="replacement",
            text=f"replaced: {inventory(each.type for each in others)}",
            source=REPLACE,
        )


def _values(change: Change) -> str:
    before, after = excerpts(change)
    return f"{change.property} {before or 'nothing'} → {after or 'nothing'}"


def _protection(before: State, after: State) -> Iterator[Concern]:
    for urn, new in after.resources.items():
        old = before.resources.get(urn)
        if old and old.protect and not new.protect:
            yield Concern(
                severity="caution" if new.type in EFFECT_ON_DATA else "warning",
                topic="protection",
                type=new.type,
                name=new.name,
                component=new.component,
                text="no longer protected by Pulumi",
                source=PROTECT,
            )


def _events(old: Resource | None, new: Resource | None, before: State, after: State) -> set[Event]:
    if old and new:
        return {"update"}
    if new:
        return {"create", "attach"} if new.dependencies & before.resources.keys() else {"create"}
    return {"delete", "detach"} if old and old.dependencies & after.resources.keys() else {"delete"}


def _checked(before: State, after: State) -> Iterator[Concern]:
    for urn in sorted(before.resources.keys() | after.resources.keys()):
        old, new = before.resources.get(urn), after.resources.get(urn)
        resource = new or old
        if resource is None:
            continue
        events = _events(old, new, before, after)
        inputs: tuple[Properties, Properties] = (old.inputs if old else {}, new.inputs if new else {})
        for check in checks(resource.type):
            if events & check.on and (finding := check.finding(*inputs)):
                severity, text = (check.severity, finding) if isinstance(finding, str) else finding
                yield Concern(
                    severity=severity,
                    topic=check.topic,
                    type=resource.type,
                    name=resource.name,
                    component=resource.component,
                    text=text,
                    source=check.source,
                )
