"""A property's value as text."""

from __future__ import annotations

import json
import re
from typing import Any, cast


def text(value: Any) -> str:
    """The value on one line, with 12 of the 64 digits of each SHA-256 digest."""
    if isinstance(value, str):
        found = value
    elif isinstance(value, list) and all(isinstance(each, str) for each in cast(list[Any], value)):
        found = ", ".join(cast(list[str], value)) or "nothing"
    else:
        found = json.dumps(value, sort_keys=True)
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", " ".join(found.split()))


def visible(text: str) -> str:
    """The text with control characters as escapes: a terminal would obey them."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
