"""The time of the simulated cloud. It has no clock: the same state always shows the same times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROLLOUT_BEGAN = 10
"""Minutes before NOW at which the last rollout of each service began."""
ROLLOUT_ENDED = 4
"""Minutes before NOW at which it ended."""


def before(minutes: float) -> datetime:
    """The time so many minutes before NOW."""
    return NOW - timedelta(minutes=minutes)
