"""Reads values whose type the program may have wrong. None stands for what is missing, malformed or unknown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from simulator.cloud import as_list
from simulator.sdk import UNKNOWN
from simulator.store import Properties


def mapping(value: Any) -> Properties:
    """The value, or nothing if it is no mapping."""
    return cast(Properties, value) if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Properties]:
    """The mappings in a list."""
    return [cast(Properties, each) for each in as_list(value) if isinstance(each, dict)]


def text(value: Any) -> str:
    return value if isinstance(value, str) and value != UNKNOWN else ""


def texts(value: Any) -> list[str]:
    """The known, non-empty strings in a list."""
    return [each for each in map(text, as_list(value)) if each]


def number(value: Any) -> int | None:
    """A whole number; a string of digits is one, too, as in Terraform."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if is_whole else None


def is_known(value: Any) -> bool:
    return value is not None and value != UNKNOWN


def outside(code: str, values: Properties, ranges: Iterable[tuple[str, int, int]]) -> Iterator[str]:
    """One message for each known value that is no whole number within its range."""
    for key, low, high in ranges:
        value = values.get(key)
        if is_known(value) and not ((found := number(value)) is not None and low <= found <= high):
            yield f"{code}: {key} must be a whole number from {low} to {high}, not {value!r}"


def other_than(code: str, values: Properties, allowed: Iterable[tuple[str, Iterable[str]]]) -> Iterator[str]:
    """One message for each known value that is none of the allowed ones."""
    for key, names in allowed:
        value = values.get(key)
        if is_known(value) and value not in (names := list(names)):
            yield f"{code}: {key} must be one of {', '.join(names)}, not {value!r}"


def repeated(values: Iterable[Any]) -> list[Any]:
    """The values that occur more than once, sorted."""
    values = list(values)
    return sorted({each for each in values if values.count(each) > 1})
