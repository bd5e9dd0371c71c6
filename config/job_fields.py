"""The valid types and values of a job's fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from zoneinfo import available_timezones

from config.entry_fields import FIELDS as OF_ENTRIES
from config.entry_fields import Field, are_texts, is_text
from config.problems import did_you_mean
from ecs import schedule


@cache
def _time_zones() -> set[str]:
    """Those of the machine's time zone database; empty if it has none."""
    return available_timezones()


def _is_time_zone(name: str) -> bool:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#time-zones"""
    known = {"UTC"} if name == "UTC" else _time_zones()
    return name in known if known else bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]{0,49}", name))


FIELDS: Mapping[str, Field] = {
    "name": OF_ENTRIES["name"],
    "image": Field(valid='the name of a service whose image it runs, or "" for an image of its own', has_type=is_text),
    "command": Field(valid='a tuple of texts, such as ("-cleanup",)', has_type=are_texts),
    **{name: OF_ENTRIES[name] for name in ("database", "bucket", "environment", "secrets")},
    "schedule": Field(
        valid='"" or an expression of EventBridge Scheduler, such as "cron(0 3 * * ? *)" or "rate(1 hour)"',
        has_type=is_text,
        is_valid=lambda expression: not (expression and schedule.problem(expression)),
        hint=lambda expression: f" Here {schedule.problem(expression)}.",
    ),
    "time_zone": Field(
        valid='a name of the time zone database, such as "Europe/Berlin"',
        has_type=is_text,
        is_valid=_is_time_zone,
        hint=lambda name: did_you_mean(name, _time_zones()),
    ),
}
"""The fields of Job."""

REQUIRED = ("name",)
"""The fields without a default."""
