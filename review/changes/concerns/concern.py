"""One reason for a reviewer to look closely at a change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from review.deployment.state import Properties

Severity = Literal["caution", "warning"]
"""caution: data can be lost, or strangers get in. warning: everything else."""
Topic = Literal[
    "data",
    "protection",
    "exposure",
    "permissions",
    "logins",
    "restart",
    "later",
    "address",
    "source",
    "rules",
    "budget",
    "replacement",
]
SEVERITIES: tuple[Severity, ...] = ("caution", "warning")
TOPICS: Mapping[Topic, str] = {
    "data": "data loss",
    "protection": "protection off",
    "exposure": "exposed",
    "permissions": "wider permissions",
    "logins": "tasks locked out",
    "restart": "database restarts",
    "later": "a database change applies later",
    "address": "addresses",
    "source": "unknown source",
    "rules": "house rules",
    "budget": "over budget",
    "replacement": "replacements",
}
"""The words for the top of a page; the worst first."""


@dataclass(frozen=True, kw_only=True)
class Concern:
    severity: Severity
    topic: Topic
    type: str = ""
    """The resource's type; empty if the concern is not about one resource."""
    name: str = ""
    """Its logical name."""
    component: str = ""
    """The component that contains it."""
    text: str
    """A clause, without the name of the resource: resources with the same clauses are shown in one line."""
    source: str = ""
    """The page that explains why."""

    @property
    def rank(self) -> tuple[int, int]:
        """The worst first."""
        return SEVERITIES.index(self.severity), list(TOPICS).index(self.topic)


Finding = str | tuple[Severity, str] | None
"""The clause; with a severity if that depends on the values. None: nothing to report."""
Event = Literal["create", "attach", "update", "detach", "delete"]
"""attach: a creation of a resource that belongs to one which exists. detach: a deletion; the other one stays."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Compares the inputs of one resource. They are empty before a creation and after a deletion."""

    topic: Topic
    severity: Severity
    finding: Callable[[Properties, Properties], Finding]
    source: str
    on: frozenset[Event] = frozenset({"update"})


Checks = Mapping[str, tuple[Check, ...]]
"""By resource type."""


def switched_off(property: str, clause: str) -> Callable[[Properties, Properties], Finding]:
    return lambda before, after: clause if at(before, property) is True and not at(after, property) else None


def switched_on(property: str, clause: str) -> Callable[[Properties, Properties], Finding]:
    return lambda before, after: clause if at(after, property) is True and not at(before, property) else None


def changed(property: str, clause: str) -> Callable[[Properties, Properties], Finding]:
    """`clause` has the fields before and after. Only between two known values."""

    def finding(before: Properties, after: Properties) -> Finding:
        old, new = at(before, property), at(after, property)
        return clause.format(before=old, after=new) if None not in (old, new) and old != new else None

    return finding


def at(inputs: Properties, path: str) -> Any:
    """The value at a dotted path; None if there is none. Of a list, the first item."""
    value: Any = inputs
    for key in path.split("."):
        items = cast(list[Any], value) if isinstance(value, list) else [value]
        first: Any = items[0] if items else None
        value = cast(Properties, first).get(key) if isinstance(first, dict) else None
    return value


def containers(definition: Properties) -> dict[str, Properties]:
    """The containers of a task definition, by name; none if they are not known."""
    found: object = definition.get("containerDefinitions")
    return {str(each.get("name")): each for each in cast(list[Properties], found)} if isinstance(found, list) else {}


def number(value: object, otherwise: int) -> int:
    """An integer, also from a string; `otherwise` for None and for text, such as a secret."""
    try:
        return otherwise if value is None or isinstance(value, bool) else int(str(value))
    except ValueError:
        return otherwise
