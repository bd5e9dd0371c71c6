"""The events of a service, newest first: those of its last rollout.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from simulator import clock
from simulator.aws import ecs_stops
from simulator.aws.ecs_rollout import ROLLOUT, RUNNING, Rollout, is_ended_by_alarm, requested
from simulator.aws.ecs_tasks import Task, deployment_id, has_failed, tasks
from simulator.store import Object, Properties, Store


def events(store: Store, service: Object) -> list[tuple[datetime, str]]:
    """The time and the message of each event."""
    name = service.properties["name"]
    found = [(at, f"(service {name}) {text}") for at, text in _events(service.properties, tasks(store, service))]
    return sorted(found, key=lambda event: event[0], reverse=True)


def _events(service: Properties, found: list[Task]) -> Iterator[tuple[datetime, str]]:
    newest = requested(service)
    deployment, ended = deployment_id(service, newest), clock.before(clock.ROLLOUT_ENDED)
    if reason := ecs_stops.unplaced(service):
        yield clock.before(clock.ROLLOUT_BEGAN - 1), f"was {reason}."
    for task in found:
        if task.revision == newest:
            yield task.started, f"has started 1 tasks: (task {task.id})."
    if has_failed(service):
        if not service[RUNNING]:
            yield clock.before(clock.ROLLOUT_ENDED + 1), "is unable to consistently start tasks successfully."
        yield ended, f"(deployment {deployment}) deployment failed: tasks failed to start."
    if is_ended_by_alarm(service):
        yield ended, f"(deployment {deployment}) deployment failed: alarm detected."
    if service[ROLLOUT] == Rollout.ROLLED_BACK:
        yield ended, f"rolling back to deployment {deployment_id(service, service[RUNNING])}."
    if service[ROLLOUT] == Rollout.COMPLETED:
        yield ended, "has reached a steady state."
        yield ended, f"(deployment {deployment}) deployment completed."
