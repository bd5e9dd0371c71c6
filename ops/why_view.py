"""How `why` is shown to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ops import stages
from ops.output import ago, labelled
from ops.tasks import Task
from ops.why import FAILED, HEALTHY, RUNNING, Why
from simulator.report import console

LOGS = "no line: the tasks never started, or wrote nothing"


def show(why: Why) -> None:
    simulated = " (simulated: no task runs, all times are made up)" if why.is_simulated else ""
    style = {HEALTHY: "green", RUNNING: "yellow"}.get(why.verdict, "red")
    console().print(f"{why.stack}/{why.service}: {headline(why)}{simulated}", style=style, soft_wrap=True)
    if why.verdict != HEALTHY:
        console().print()
        labelled("cause", _cause(why))
        if why.cause:
            labelled("what to do", [why.cause.fix])
            labelled("see", [f"docs/runbook.md#{why.cause.anchor}", why.cause.page])
        console().print()
    labelled("deployment", _deployment(why))
    labelled("tasks", _tasks(why))
    labelled("targets", _targets(why))
    labelled("events", [f"{ago(each.at, why.at):<10} {each.message}" for each in why.events])
    if why.stopped:
        log = why.log
        labelled("log", [log.stream, *(each.message for each in log.lines)] if log else [LOGS])


def headline(why: Why) -> str:
    """The state of the last rollout in a sentence."""
    revision = (why.detail and why.detail.revision) or (why.running.details[0].revision if why.running.details else "")
    tasks = f"{why.running.tasks} of {why.running.desired} tasks run"
    if why.verdict == FAILED:
        former = why.detail.former if why.detail else ""
        after = f"; ECS rolled back to {former}" if former else ""
        return f"the rollout of {revision} failed{after}; {tasks}"
    if why.verdict == RUNNING:
        does = why.deployment and why.detail and stages.sentence(why.deployment, why.detail)
        return f"the rollout of {revision} {does or 'is in progress'}; {tasks}"
    if why.verdict == HEALTHY:
        return f"nothing is wrong: {revision} runs; {tasks}"
    return f"not steady: {tasks}"


def _cause(why: Why) -> Iterator[str]:
    if why.cause:
        yield why.cause.text
    elif why.verdict == RUNNING and not why.stopped:
        yield f"None: no task has failed. {why.following}"
    else:
        yield "No known cause matches. The evidence follows, the oldest reason last."


def _deployment(why: Why) -> Iterator[str]:
    last, detail = why.deployment, why.detail
    if last is None:
        yield "none in ECS's history of 90 days"
        return
    ended = f", ended {ago(last.finished, why.at)}" if last.finished else ""
    reason = f". {last.reason}" if last.reason else ""
    yield f"{last.status}, began {ago(last.created, why.at)}{ended}{reason}"
    if detail and detail.threshold:
        yield f"{detail.failures} failed tasks; {detail.threshold} end it"
    for alarm in detail.alarms if detail else ():
        yield f"ended by the alarm {alarm}"


def _tasks(why: Why) -> Iterator[str]:
    yield f"{why.running.tasks} of {why.running.desired} run"
    reasons = Counter(_reason(each) for each in why.stopped)
    for reason, count in reasons.most_common():
        yield f"{count} stopped: {reason}"


def _reason(task: Task) -> str:
    exits = [f"exit code {each.exit_code}" for each in task.containers if each.exit_code is not None]
    reasons = [each.reason for each in task.containers if each.reason]
    return f"{task.stop_code}, {'; '.join([task.stopped_reason, *exits, *reasons])}"


def _targets(why: Why) -> Iterator[str]:
    for each in why.targets:
        yield f"{each.address}: {each.state} {each.reason} {each.description}".rstrip()
