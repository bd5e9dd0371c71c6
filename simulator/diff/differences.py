"""How two structures differ, property by property, whatever their order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

ORDERED = frozenset({"command", "entryPoint"})
"""Lists whose order is their meaning; AWS takes the others for sets."""
KEYS = ("name", "Sid", "capacityProvider", "rulePriority")
"""What tells the items of a list apart."""
LONGEST = 120
"""Characters of a value that are shown."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property. None: it is not there."""

    what: str
    before: str | None
    after: str | None


def differences(before: Any, after: Any) -> tuple[Change, ...]:
    """By path, as `rules[TlsOnly].Action`."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    return tuple(
        Change(what=path, before=old.get(path), after=new.get(path))
        for path in sorted({*old, *new})
        if old.get(path) != new.get(path)
    )


def shown(value: Any) -> str:
    """A value on one line; digests by their first 12 digits."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, list) and all(isinstance(each, str) for each in cast(list[Any], value)):
        text = ", ".join(cast(list[str], value)) or "nothing"
    else:
        text = json.dumps(value, sort_keys=True)
    text = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", " ".join(text.split()))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, each in cast(dict[str, Any], value).items():
            yield from _leaves(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in cast(list[Any], value)):
        for key, each in _by_key(cast(list[Any], value)):
            yield from _leaves(each, f"{path}[{key}]")
    elif isinstance(value, list) and path.rpartition(".")[2] not in ORDERED:
        yield path, shown(sorted(cast(list[Any], value), key=str))
    elif value is not None and path:
        yield path, shown(value)


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
