"""What a page says of jobs: nothing restarts, and the next run is another one."""

from __future__ import annotations

import json
from typing import Any

from ecs import types
from review.changes.stack import Changes
from review.render.headline import headline
from tests.unit.review.deployments import Raw, compared, component, resource


def job(name: str = "cleanup", *, schedule: str = "", **container: Any) -> list[Raw]:
    """The component, its task definition and its schedule."""
    parent = component(name, "marginalia:job:Job")
    definition: dict[str, Any] = {
        "name": name,
        "image": f"mrgnl-authsvc@sha256:{'a' * 64}",
        "environment": [],
        "secrets": [],
        **container,
    }
    found = [
        parent,
        resource(
            types.TASK_DEFINITION,
            f"{name}-task-definition",
            parent,
            {"cpu": "256", "memory": "512", "containerDefinitions": json.dumps([definition])},
        ),
    ]
    if schedule:
        inputs = {"scheduleExpression": schedule, "scheduleExpressionTimezone": "UTC"}
        found.append(resource(types.SCHEDULE, f"{name}-schedule", parent, inputs))
    return found


def texts(before: list[Raw], after: list[Raw]) -> list[str]:
    return [f"{each.job}: {each.text}" for each in changes(before, after).jobs]


def changes(before: list[Raw], after: list[Raw]) -> Changes:
    return compared([component("other"), *before], [component("other"), *after])


def test_a_new_job_says_when_its_runs_start() -> None:
    kept = job("other")
    assert texts(kept, [*kept, *job()]) == ["cleanup: new; its runs start by hand"]
    assert texts(kept, [*kept, *job(schedule="rate(1 hour)")]) == ["cleanup: new; its runs start by rate(1 hour), UTC"]


def test_a_removed_job_leaves_its_runs_alone() -> None:
    assert texts([*job("other"), *job()], job("other")) == [
        "cleanup: removed; a run that goes on ends by itself, and nothing starts another"
    ]


def test_a_changed_job_runs_otherwise_from_the_next_run_on() -> None:
    [text] = texts(job(), job(image=f"mrgnl-authsvc@sha256:{'b' * 64}"))
    assert text == "cleanup: new image, from the next run on; a run that goes on is not stopped"


def test_another_schedule_is_shown_with_the_former_one() -> None:
    assert texts(job(schedule="rate(1 hour)"), job(schedule="rate(2 hours)")) == [
        "cleanup: its runs start by rate(2 hours), UTC, no longer by rate(1 hour), UTC"
    ]
    assert texts(job(schedule="rate(1 hour)"), job()) == [
        "cleanup: its runs start by hand, no longer by rate(1 hour), UTC"
    ]


def test_the_headline_names_the_jobs_that_change() -> None:
    found = changes(job(), job(image=f"mrgnl-authsvc@sha256:{'b' * 64}"))
    assert headline(found) == "1 job changes (cleanup)"


def test_jobs_without_a_change_are_not_shown() -> None:
    assert texts(job(schedule="rate(1 hour)"), job(schedule="rate(1 hour)")) == []
