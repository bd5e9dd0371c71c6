"""Values of any JSON type, read as the type that is expected."""

from __future__ import annotations

from typing import Any, cast

from simulator.cloud import as_list
from simulator.store import Properties


def mapping(value: Any) -> Properties:
    """The mapping; an empty one for any other value."""
    return cast(Properties, value) if isinstance(value, dict) else {}


def mappings(value: Any) -> list[Properties]:
    """The mappings among the values of a property that is missing, one value or a list."""
    return [mapping(each) for each in as_list(value) if isinstance(each, dict)]
