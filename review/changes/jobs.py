"""What a change means for the runs of jobs: nothing restarts, and the next run is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ecs import types
from review.changes import rollouts
from review.deployment.state import State

BY_HAND = "by hand"
"""By `python -m ops run` alone."""


@dataclass(frozen=True, kw_only=True)
class JobChange:
    job: str
    text: str
    """A clause, without the name."""


def jobs(before: State, after: State) -> Iterator[JobChange]:
    """By the names of the jobs."""
    old, new = before.jobs, after.jobs
    for name in sorted({*old, *new}):
        if name not in old:
            yield JobChange(job=name, text=f"new; its runs start {when(after, name)}")
        elif name not in new:
            yield JobChange(job=name, text="removed; a run that goes on ends by itself, and nothing starts another")
        else:
            for text in _changes(before, after, name):
                yield JobChange(job=name, text=text)


def _changes(before: State, after: State, name: str) -> Iterator[str]:
    reasons = rollouts.of_definition(before.jobs[name].inputs, after.jobs[name].inputs)
    if summaries := list(dict.fromkeys(each.values or each.summary for each in reasons)):
        yield f"{', '.join(summaries)}, from the next run on; a run that goes on is not stopped"
    former, now = when(before, name), when(after, name)
    if former != now:
        yield f"its runs start {now}, no longer {former}"


def when(state: State, name: str) -> str:
    """When runs of the job start."""
    for each in state.of(types.SCHEDULE):
        if each.component == name:
            zone = each.inputs.get("scheduleExpressionTimezone") or "UTC"
            paused = ", but the schedule is disabled" if each.inputs.get("state") == "DISABLED" else ""
            return f"by {each.inputs.get('scheduleExpression')}, {zone}{paused}"
    return BY_HAND
