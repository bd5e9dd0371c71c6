"""How two structures differ, property by property, whatever their order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, cast

ORDERED = frozenset({"command", "entryPoint"})
"""Lists whose order is their meaning; AWS takes the others for sets."""
KEYS = ("name", "Sid", "capacityProvider", "rulePriority")
"""What tells the items of a list apart."""
LONGEST = 120
"""Characters of a value that are shown."""
LEAD = 30
"""Characters that are shown before the first one that differs."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property, with its whole values. None: it is not there."""

    what: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> tuple[Change, ...]:
    """By path, as `rules[TlsOnly].Action`."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        changed(path, old.get(path), new.get(path)) for path in sorted({*old, *new}) if old.get(path) != new.get(path)
    )


def changed(what: str, before: Any, after: Any) -> Change:
    """Of two values that differ. Where that is lost on one line, as for blanks, they are shown as JSON."""
    found = [None if value is None else text(value) for value in (before, after)]
    if found[0] == found[1]:
        found = [json.dumps(value, sort_keys=True) for value in (before, after)]
    return Change(what=what, before=found[0], after=found[1])


def excerpts(change: Change) -> tuple[str | None, str | None]:
    """Both values as they are shown: of a long one, the part in which the two differ first."""
    pairs = zip(change.before or "", change.after or "", strict=False)
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return _excerpt(change.before, common), _excerpt(change.after, common)


def _excerpt(value: str | None, common: int) -> str | None:
    if value is None or len(value) <= LONGEST:
        return value
    start = max(0, min(common - LEAD, len(value) - LONGEST))
    end = start + LONGEST
    return f"{'…' if start else ''}{value[start:end]}{'…' if end < len(value) else ''}"


def text(value: Any) -> str:
    """A value on one line; digests by their first 12 digits."""
    if isinstance(value, str):
        said = value
    elif isinstance(value, list) and all(isinstance(each, str) for each in cast(list[Any], value)):
        said = ", ".join(cast(list[str], value)) or "nothing"
    else:
        said = json.dumps(value, sort_keys=True)
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", " ".join(said.split()))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, each in cast(dict[str, Any], value).items():
            yield from _leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in cast(list[Any], value)):
        for key, each in _by_key(cast(list[Any], value)):
            yield from _leaves(each, f"{path}[{key}]")
    elif isinstance(value, list) and path.rpartition(".")[2] not in ORDERED:
        yield path, sorted(cast(list[Any], value), key=str)
    elif value is not None and path:
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
