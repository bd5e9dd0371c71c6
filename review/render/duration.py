"""Renders the time that an update takes on AWS in one line."""

from __future__ import annotations

from review.changes.duration.path import Duration, Stage

BRIEF = 5
"""Seconds of a stage below which the line leaves it out."""


def line(duration: Duration) -> str:
    """As `About 4 minutes on AWS: promptsvc 1:25, then mcp 2:20.`"""
    stages = [_stage(each) for each in duration.stages if each.seconds >= BRIEF]
    path = ", then ".join(part for part in (", ".join(stages[:-1]), *stages[-1:]) if part)
    return f"About {_about(duration.seconds)} on AWS: {path}." if path else f"About {_about(duration.seconds)} on AWS."


def _about(seconds: int) -> str:
    """Rounded to ten seconds below a minute and a half, else to minutes."""
    return f"{10 * round(seconds / 10)} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"


def _stage(stage: Stage) -> str:
    verb = " deleted in" if stage.deletes else ""
    return f"{stage.component or 'the stack'}{verb} {clock(stage.seconds)}"


def clock(seconds: int) -> str:
    """Minutes and seconds."""
    return f"{seconds // 60}:{seconds % 60:02}"
