"""The expressions of EventBridge Scheduler that repeat: `rate(5 minutes)` and `cron(0 3 * * ? *)`.

https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LEAST = 60
"""Seconds: Scheduler has a precision of a minute."""


@dataclass(frozen=True, kw_only=True)
class CronField:
    """One field of a cron expression. `any`: also `?`, which leaves the day to the other field of a day."""

    name: str
    least: int
    most: int
    names: Sequence[str] = ()
    """Of the values from `least` on."""
    any: bool = False
    special: str = r"(?!)"
    """The pattern of further values."""

    def accepts(self, text: str) -> bool:
        return (self.any and text == "?") or all(self._item(each) for each in text.upper().split(","))

    def _item(self, item: str) -> bool:
        """A value, a range or `*`, with a step if need be."""
        values, slash, step = item.partition("/")
        if slash and not (step.isdecimal() and int(step) > 0):
            return False
        if not slash and re.fullmatch(self.special, values):
            return True
        return values == "*" or all(self._value(each) for each in values.split("-", 1))

    def _value(self, text: str) -> bool:
        return text in self.names or (text.isdecimal() and self.least <= int(text) <= self.most)


CRON = (
    CronField(name="minutes", least=0, most=59),
    CronField(name="hours", least=0, most=23),
    CronField(name="day-of-month", least=1, most=31, any=True, special=r"L(-\d{1,2})?|LW|(0?[1-9]|[12]\d|3[01])W"),
    CronField(name="month", least=1, most=12, names=MONTHS),
    CronField(
        name="day-of-week", least=1, most=7, names=DAYS, any=True, special=rf"L|([1-7]|{'|'.join(DAYS)})(L|#[1-5])"
    ),
    CronField(name="year", least=1970, most=2199),
)
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based"""
OF_MONTH, OF_WEEK = 2, 4
"""The positions of the two fields of a day, of which one is `?`."""


def problem(expression: str) -> str:
    """Why it is not an expression that repeats; empty if it is one."""
    kind, _, rest = expression.partition("(")
    if kind not in ("rate", "cron") or not rest.endswith(")"):
        return "it is neither rate(…) nor cron(…)"
    return _rate(rest[:-1]) if kind == "rate" else _cron(rest[:-1])


def _rate(text: str) -> str:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based"""
    valid = re.fullmatch(r"[1-9][0-9]* (minutes?|hours?|days?)", text, re.IGNORECASE)
    return "" if valid else "a rate is a number above 0 and minutes, hours or days"


def _cron(text: str) -> str:
    fields = text.split()
    if len(fields) != len(CRON):
        return f"cron has six fields ({', '.join(each.name for each in CRON)}), not {len(fields)}"
    for field, value in zip(CRON, fields, strict=True):
        if not field.accepts(value):
            return f"{value} is no value of {field.name}"
    if (fields[OF_MONTH] == "?") == (fields[OF_WEEK] == "?"):
        return f"one of {CRON[OF_MONTH].name} and {CRON[OF_WEEK].name} must be ?, and not both"
    return ""
