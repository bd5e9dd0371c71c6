"""Separates what every service has from what only some have, so that it is said once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import fields, replace
from typing import TypeVar

from review.deployment import connectivity, permissions
from review.deployment.connectivity import Connection
from review.deployment.permissions import Grant
from review.deployment.state import State

T = TypeVar("T", Connection, Grant)
SERVICE = "<service>"
"""Takes the place of a service's name."""


def separated(
    state: State, names: Collection[str], found: Iterable[Connection], granted: Iterable[Grant]
) -> tuple[frozenset[Connection], frozenset[Grant], tuple[str, ...]]:
    """The connections and grants, without those of these services that every service of the state has; and those once.

    Alone in its stack, a service has nothing in common with others.
    """
    found, granted = frozenset(found), frozenset(granted)
    if len(state.services) < 2 or not names:
        return found, granted, ()
    connections = _common(connectivity.connections(state), state.services)
    grants = _common(permissions.grants(state), state.services)
    sentences = [*map(str, sorted(connections)), *permissions.sentences(grants)]
    return _without(found, connections, names), _without(granted, grants, names), tuple(sentences)


def _common(found: Iterable[T], services: Collection[str]) -> frozenset[T]:
    found = list(found)
    common: frozenset[T] | None = None
    for name in services:
        own = frozenset(general for each in found if (general := _general(each, name)) != each)
        common = own if common is None else common & own
    return common or frozenset()


def _without(found: frozenset[T], common: frozenset[T], names: Collection[str]) -> frozenset[T]:
    return frozenset(each for each in found if not any(_general(each, name) in common for name in names))


def _general(value: T, name: str) -> T:
    """The value with SERVICE in place of the service's name."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return replace(value, **{each.name: word.sub(SERVICE, getattr(value, each.name)) for each in fields(value)})
