"""The windows in which RDS works on an instance, in UTC.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"


@dataclass(frozen=True)
class Pattern:
    expression: str
    example: str


BACKUP = Pattern(f"(){_TIME}-(){_TIME}", "hh24:mi-hh24:mi")
MAINTENANCE = Pattern(f"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}", "ddd:hh24:mi-ddd:hh24:mi")


def minutes(text: str, pattern: Pattern) -> tuple[int, int] | None:
    """The first and the last minute, after the beginning of a week or day; None if the text does not match."""
    if not (found := re.fullmatch(pattern.expression, text.lower())):
        return None
    first_day, first_hour, first_minute, last_day, last_hour, last_minute = found.groups()
    begin = _minute(first_day, first_hour, first_minute)
    end = _minute(last_day, last_hour, last_minute)
    return begin, end if end > begin else end + (WEEK if first_day else DAY)


def _minute(day: str, hour: str, minute: str) -> int:
    return (DAYS.index(day) if day else 0) * DAY + int(hour) * 60 + int(minute)


def overlap(backup: str, maintenance: str) -> bool:
    """Whether a daily and a weekly window have a minute in common; not if one of them is malformed."""
    daily, weekly = minutes(backup, BACKUP), minutes(maintenance, MAINTENANCE)
    if daily is None or weekly is None:
        return False
    # Also the window that began the day before, and those after the week's end.
    return any(
        daily[0] + day * DAY < weekly[1] and weekly[0] < daily[1] + day * DAY for day in range(-1, 2 * len(DAYS))
    )
