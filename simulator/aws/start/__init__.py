"""Whether an ECS task would start on Fargate, stay in service and do its work."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws.start import (
    addresses,
    bucket,
    capacity,
    connections,
    containers,
    image,
    login,
    logs,
    network,
    port,
    roles,
    secrets,
    service_connect,
    sessions,
)
from simulator.aws.start.task import Task, start
from simulator.cloud import Request
from simulator.store import Properties

__all__ = [
    "addresses",
    "bucket",
    "capacity",
    "connections",
    "containers",
    "image",
    "login",
    "logs",
    "network",
    "port",
    "roles",
    "secrets",
    "service_connect",
    "sessions",
    "start",
]


def stopped_reasons(request: Request, definition: Properties) -> Iterator[str]:
    """The reasons why tasks of this task definition stop in the service that `request` creates or updates."""
    return start.reasons(Task(request=request, definition=definition))


def session_problems(request: Request, definition: Properties) -> tuple[list[str], list[str]]:
    """Why the agent of ECS Exec would not run in the task, and why nobody could open a session in it."""
    task = Task(request=request, definition=definition)
    return list(sessions.agent.reasons(task)), list(sessions.session.reasons(task))
