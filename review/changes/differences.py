"""Compares two structures property by property, without regard to order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, cast

from review.deployment.values import text

ORDERED = frozenset({"command", "entryPoint"})
"""Lists whose order matters; AWS treats the others as sets."""
KEYS = ("name", "Sid", "capacityProvider", "rulePriority")
"""Properties that identify the items of a list."""
LONGEST = 120
"""Characters of a value in an excerpt."""
LEAD = 30
"""Characters of an excerpt before the first difference."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property, with its whole values; None where it is absent."""

    property: str
    """The path, as `rules[TlsOnly].Action`, or a sentence about a change that has no values."""
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> tuple[Change, ...]:
    """The properties with different values, sorted by path."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        changed(path, old.get(path), new.get(path)) for path in sorted({*old, *new}) if old.get(path) != new.get(path)
    )


def changed(property: str, before: Any, after: Any) -> Change:
    """The change between two different values. They are shown as JSON if they are equal on one line, as for blanks."""
    found = [None if value is None else text(value) for value in (before, after)]
    if found[0] == found[1]:
        found = [json.dumps(value, sort_keys=True) for value in (before, after)]
    return Change(property=property, before=found[0], after=found[1])


def excerpts(change: Change) -> tuple[str | None, str | None]:
    """Both values for display: of a long one, the part with the first difference."""
    pairs = zip(change.before or "", change.after or "", strict=False)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return _excerpt(change.before, common), _excerpt(change.after, common)


def _excerpt(value: str | None, common: int) -> str | None:
    if value is None or len(value) <= LONGEST:
        return value
    start = max(0, min(common - LEAD, len(value) - LONGEST))
    end = start + LONGEST
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, each in cast(dict[str, Any], value).items():
            yield from _leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in cast(list[Any], value)):
        for key, each in _by_key(cast(list[Any], value)):
            yield from _leaves(each, f"{path}[{key}]")
    elif isinstance(value, list) and value and path.rpartition(".")[2] not in ORDERED:
        yield path, sorted(cast(list[Any], value), key=str)
    elif value is not None and value != [] and path:
        yield path, value


def _by_key(items: list[Any]) -> Iterator[tuple[str, Any]]:
    for key in KEYS:
        names = [cast(dict[str, Any], each).get(key) if isinstance(each, dict) else None for each in items]
        if all(isinstance(name, (str, int)) for name in names) and len(set(names)) == len(names):
            for name, item in zip(names, items, strict=True):
                rest = {each: value for each, value in cast(dict[str, Any], item).items() if each != key}
                yield str(name), rest or item
            return
    ordered = sorted(items, key=lambda each: json.dumps(each, sort_keys=True))
    yield from ((str(index), each) for index, each in enumerate(ordered))
