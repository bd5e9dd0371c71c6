"""How `jobs` is shown to a person."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from ops.jobs import Jobs, Run, State
from ops.output import age, ago, labelled
from ops.table import SHORT
from simulator.report import console

ID = 8
"""The digits of a task's ID that are shown."""


def show(jobs: Jobs) -> None:
    title = f"{jobs.stack}, simulated: no task runs, all times are made up" if jobs.is_simulated else jobs.stack
    if not jobs.jobs:
        console().print(f"{jobs.stack}: has no jobs. docs/howto/jobs.md says how to declare one.")
        return
    table = Table(title=title, title_justify="left")
    for column in ("job", "image", "run", "started", "by", "result"):
        table.add_column(column)
    for state in jobs.jobs:
        for number, row in enumerate(_rows(jobs, state)):
            name, image = state.job.name, state.job.image.rpartition(":")[2][:SHORT]
            table.add_row(*((name, image) if number == 0 else ("", "")), *row)
    console().print(table)
    labelled("schedules", [f"{each.job.name}: {schedule(each)}" for each in jobs.jobs if each.schedule] or ["none"])
    for problem in jobs.problems:
        console().print(f"- {problem}", style="red", soft_wrap=True)


def schedule(state: State) -> str:
    """When its runs start, and whether the schedule is enabled."""
    return f"{state.job.schedule} {state.job.time_zone}, {state.schedule.lower()}"


def _rows(jobs: Jobs, state: State) -> Iterator[tuple[str, str, str, str]]:
    for run in state.runs:
        yield run.id[:ID], ago(run.began, jobs.at), run.by, result(run)
    if not state.runs:
        yield "none", "", "", ""


def result(run: Run) -> str:
    """How it ended, or its state."""
    if not run.status:
        return "not known"
    if run.status != "STOPPED":
        return run.status.lower()
    took = f", after {age(run.began, run.ended)}" if run.ended else ""
    return f"exit {run.exit_code}{took}" if run.exit_code is not None else "never started"
