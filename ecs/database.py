"""The logins of an RDS instance, its storage and insights, and the windows in which RDS works on it, in UTC.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Maintenance.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LoginMode = Literal["shared", "moving", "own"]
"""shared: every service is the master user. moving: every service has logins of its own, and the master user keeps its
password for the tasks of before. own: RDS manages the master user's password, which only the job `logins` reads."""
Letter = Literal["a", "b"]
LETTERS: tuple[Letter, ...] = ("a", "b")
"""The two logins of a service: an odd revision of the passwords uses a, an even one b."""
URL_VARIABLE = "DATABASE_URL"
PASSWORD_VARIABLE = "PGPASSWORD"
"""The password for a URL without one: https://www.postgresql.org/docs/16/libpq-envars.html"""
LOGIN_PREFIX = "LOGIN_"
OWNER_VARIABLE = "OWNER"
"""What image/logins reads: image/logins/internal/config/config.go."""

Insights = Literal["none", "standard", "advanced"]
RETENTION: Mapping[Insights, int] = {"standard": 7, "advanced": 465}
"""Days that each mode of Database Insights keeps.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Considerations.html"""

MOST_STORAGE = 65536
"""GiB of gp3. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""

HALF_AN_HOUR = 30
"""Minutes; a window lasts at least as long.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
DAY = 24 * 60
WEEK = 7 * DAY
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = "([01][0-9]|2[0-3]):([0-5][0-9])"


@dataclass(frozen=True, kw_only=True)
class Passwords:
    """Who has a login, and which one."""

    mode: LoginMode
    revision: int
    """Increment to rotate the passwords."""

    @property
    def letter(self) -> Letter:
        """Of the logins in use."""
        return "a" if self.revision % 2 else "b"


def login(service: str, letter: Letter) -> str:
    """The name of a login in PostgreSQL."""
    return f"{service.replace('-', '_')}_{letter}"


def login_variable(service: str) -> str:
    """The variable in which image/logins reads the URL of a service's login."""
    return f"{LOGIN_PREFIX}{service.replace('-', '_').upper()}"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When RDS makes backups and applies changes. Without windows it chooses them for the region."""

    backup_window: str | None
    """Each day, as 04:00-04:30."""
    maintenance_window: str | None
    """Each week, as sun:05:00-sun:05:30."""
    apply_immediately: bool
    """Whether a change that RDS can defer, such as another class, waits for no maintenance window."""


@dataclass(frozen=True)
class Pattern:
    expression: str
    example: str


BACKUP_WINDOW = Pattern(f"(){_TIME}-(){_TIME}", "hh24:mi-hh24:mi")
MAINTENANCE_WINDOW = Pattern(f"({'|'.join(DAYS)}):{_TIME}-({'|'.join(DAYS)}):{_TIME}", "ddd:hh24:mi-ddd:hh24:mi")


def least_increase(storage: float) -> int:
    """10 % more storage, in GiB: RDS rounds a smaller increase up to it, and accepts no smaller limit for autoscaling.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    """
    return math.ceil(storage * 11 / 10)


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


def has_a_valid_length(window: tuple[int, int]) -> bool:
    """Half an hour to a day."""
    return HALF_AN_HOUR <= window[1] - window[0] <= DAY


def overlap(backup: str, maintenance: str) -> bool:
    """Whether a daily and a weekly window have a minute in common; not if one of them is malformed."""
    daily, weekly = minutes(backup, BACKUP_WINDOW), minutes(maintenance, MAINTENANCE_WINDOW)
    if daily is None or weekly is None:
        return False
    # Also the window that began the day before, and those after the week's end.
    return any(
        daily[0] + day * DAY < weekly[1] and weekly[0] < daily[1] + day * DAY for day in range(-1, 2 * len(DAYS))
    )
