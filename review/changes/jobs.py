"""What a change means for the runs of jobs: nothing restarts, and the next run is another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.job import LOGINS
from ecs import types
from review.changes import rollouts
from review.deployment.state import State

ONCE = "runs once in this update, before any service is deployed"
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
            once = f"{ONCE}, then " if name == LOGINS.name else ""
            yield JobChange(job=name, text=f"new; {once}its runs start {when(after, name)}")
        elif name not in new:
            yield JobChange(job=name, text="removed; a run that goes on ends by itself, and nothing starts another")
        elif name == LOGINS.name:
            if _applied(before) != _applied(after):
                yield JobChange(job=name, text=", ".join([*_summaries(before, after, name), ONCE]))
        else:
            for text in _changes(before, after, name):
                yield JobChange(job=name, text=text)


def _changes(before: State, after: State, name: str) -> Iterator[str]:
    if summaries := _summaries(before, after, name):
        yield f"{', '.join(summaries)}, from the next run on; a run that goes on is not stopped"
    former, now = when(before, name), when(after, name)
    if former != now:
        yield f"its runs start {now}, no longer {former}"


def _summaries(before: State, after: State, name: str) -> list[str]:
    reasons = rollouts.of_definition(before.jobs[name].inputs, after.jobs[name].inputs)
    return list(dict.fromkeys(each.values or each.summary for each in reasons))


def _applied(state: State) -> list[str]:
    """The revision of the job and the database that it ran for last: another one runs it."""
    return [
        str(each.inputs.get("insecureValue")) for each in state.of(types.PARAMETER) if each.component == LOGINS.name
    ]


def when(state: State, name: str) -> str:
    """When runs of the job start."""
    for each in state.of(types.SCHEDULE):
        if each.component == name:
            zone = each.inputs.get("scheduleExpressionTimezone") or "UTC"
            paused = ", but the schedule is disabled" if each.inputs.get("state") == "DISABLED" else ""
            return f"by {each.inputs.get('scheduleExpression')}, {zone}{paused}"
    return BY_HAND
