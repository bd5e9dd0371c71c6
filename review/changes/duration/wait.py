"""One wait of an update on AWS."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wait:
    what: str
    seconds: int
    source: str
    """The pages that the seconds come from; for a setting, the page that says what it makes ECS or AWS wait for."""
    weak: bool = False
    """Whether no document has the number: it is the median of public logs, or a guess, as the source says."""
