"""How `status` is shown to a person."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from cost.money import between, usd
from ops import stages
from ops.jobs import State
from ops.jobs_view import result, schedule
from ops.migrations import Migration
from ops.output import age, ago, labelled
from ops.status import Service, Status
from ops.table import SHORT
from simulator.report import console

UNKNOWN = "?"
STATES = {"COMPLETED": "completed", "IN_PROGRESS": "in progress", "FAILED": "failed"}
ENDS = {
    "STOP_REQUESTED": "is being stopped",
    "STOPPED": "failed",
    "ROLLBACK_REQUESTED": "rolls back",
    "ROLLBACK_IN_PROGRESS": "rolls back",
    "ROLLBACK_SUCCESSFUL": "rolled back",
    "ROLLBACK_FAILED": "rollback failed",
}


def show(status: Status) -> None:
    title = f"{status.stack}, simulated: no task runs, all times are made up" if status.is_simulated else status.stack
    table = Table(title=title, title_justify="left")
    for column in ("service", "rev", "image", "commit", "tasks", "health", "deployment, since"):
        table.add_column(column)
    for each in status.services:
        table.add_row(*_row(status, each))
    console().print(table)
    labelled("gateway", _gateway(status))
    labelled("database", _database(status))
    labelled("cost", _cost(status))
    labelled("alarms", [f"{each.name}: {each.reason}" for each in status.alarms] or ["none in the state ALARM"])
    labelled("jobs", (job(status, each) for each in status.jobs))
    labelled("migrations", (migration(status, each) for each in status.migrations))
    labelled("events", _events(status))
    console().print()
    if status.problems:
        for problem in status.problems:
            console().print(f"- {problem}", style="red", soft_wrap=True)
    else:
        console().print(f"{status.stack}: everything is healthy", style="green")


def _row(status: Status, service: Service) -> list[str]:
    running = service.running
    if running is None:
        return [service.name, "", "", "", "", "", "not in ECS"]
    revision, tasks = running.revision.rpartition(":")[2], f"{running.tasks}/{running.desired}"
    image, commit = service.digest[:SHORT], service.commit[:SHORT] or UNKNOWN
    return [service.name, revision, image, commit, tasks, _health(service), _deployment(status, service)]


def _health(service: Service) -> str:
    """By the containers' health checks; a task without one is `not checked`."""
    healthy, unhealthy, unknown = service.health
    if unhealthy:
        return f"{unhealthy} unhealthy"
    if unknown:
        return "not checked" if not healthy else f"{healthy} healthy"
    return "healthy" if healthy else "none"


def _deployment(status: Status, service: Service) -> str:
    """Its state, and since when."""
    last, primary = service.deployment, service.primary
    if last and last.has_failed:
        return f"{ENDS[last.status]}, {age(last.finished or last.created, status.at)}"
    if last and service.detail and (word := stages.word(service.detail)):
        return f"{word}, {age(last.created, status.at)}"
    if primary is None:
        return UNKNOWN
    since = last.finished if last and last.finished and primary.state != "IN_PROGRESS" else primary.created
    return f"{STATES.get(primary.state, UNKNOWN)}, {age(since, status.at)}"


def _gateway(status: Status) -> Iterator[str]:
    targets = [target for each in status.services for target in each.targets]
    healthy = sum(each.state == "healthy" for each in targets)
    yield f"{status.url}  {healthy} of {len(targets)} targets healthy"
    for each in targets:
        if each.state != "healthy":
            yield f"{each.address}: {each.state}. {each.reason} {each.description}".rstrip()


def _database(status: Status) -> Iterator[str]:
    found = status.database
    if found is None:
        yield "does not exist"
        return
    pending = f"pending: {', '.join(found.pending)}" if found.pending else "nothing pending"
    zones = ", two zones" if found.multi_az else ""
    yield f"{found.name}  {found.status}, {found.instance_class}, {found.storage} GiB{zones}, {pending}"


def job(status: Status, state: State) -> str:
    """Its last run, who started it, and when runs start."""
    last = "no run is known"
    for run in state.runs:
        by = f" by {run.by}" if run.by else ""
        last = f"{ago(run.began, status.at)}{by}: {result(run)}"
    when = schedule(state) if state.schedule else "by hand"
    return f"{state.job.name}: {last}; starts {when}"


def migration(status: Status, found: Migration) -> str:
    """The image that was migrated last, and the one that runs if it is another."""
    running = next((each.digest for each in status.services if each.name == found.service), "")
    other = f", runs {running[:SHORT]}" if running and running != found.digest else ""
    return f"{found.service}: {found.digest[:SHORT] or UNKNOWN}{other}"


def _cost(status: Status) -> Iterator[str]:
    if found := status.cost:
        budget = "" if found.budget is None else f", budget {usd(found.budget)}"
        yield f"{between(found.least, found.most)} a month and what costs by use, estimated{budget}"


def _events(status: Status) -> Iterator[str]:
    for each in status.services:
        if event := each.event:
            yield f"{ago(event.at, status.at):<10} {event.message}"
