"""What the verbs that read print: text for people, with colors on a terminal only, and JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich.text import Text

from simulator.report import console

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))
LABEL = 11
"""The width of the label before a line."""


def age(at: datetime, now: datetime) -> str:
    """The time since then in one unit, such as `10 min`."""
    seconds = max(0, int((now - at).total_seconds()))
    for unit, size in UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def ago(at: datetime, now: datetime) -> str:
    """As `10 min ago`."""
    return f"{age(at, now)} ago"


def as_json(value: Any) -> str:
    """A dataclass as JSON, with times in ISO 8601."""
    return json.dumps(asdict(value), indent=2, default=_text)


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def labelled(label: str, lines: Iterable[str], style: str = "") -> None:
    """Prints lines under each other, the first one after a label. Nothing without a line."""
    for number, line in enumerate(lines):
        text = Text(f"{label if number == 0 else '':<{LABEL}} ", style="bold")
        text.append(line, style=style or "not bold")
        console().print(text, soft_wrap=True)
