"""Whether debug tasks of a stack's services would start and could be used. AWS takes their task definitions anyway."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ecs import types
from ecs.container import DEBUG
from simulator import aws
from simulator.aws import ecs_runs, start
from simulator.cloud import Cloud, Request
from simulator.store import Object, Properties, Store


def problems(store: Store, stack: str) -> Iterator[str]:
    """One line for each reason why nobody could debug a service of the stack."""
    cloud = Cloud(store=store, root=Path(), types=aws.TYPES)
    for service in store.find(types.SERVICE):
        if service.stack != stack:
            continue
        cluster = str(service.properties["cluster"]).rpartition("/")[2]
        family = f"{cluster}-{service.properties['name']}_{DEBUG}"
        # The newest revision: the older ones stay registered.
        for definition in store.located(types.TASK_DEFINITION, service.account, service.region, family=family)[-1:]:
            for reason in _reasons(_request(cloud, service, definition), definition.properties):
                yield f"{service.properties['name']}: no debug task of it could be used: {reason}"


def _request(cloud: Cloud, service: Object, definition: Object) -> Request:
    """RunTask, as `python -m ops debug` calls it: in the network of the service."""
    return ecs_runs.request(
        cloud,
        service.urn,
        (service.account, service.region),
        definition.properties["arn"],
        **{key: service.properties[key] for key in ("cluster", "networkConfiguration")},
        **{"name": f"task of {definition.id}", "launchType": "FARGATE", ecs_runs.EXEC: True},
    )


def _reasons(request: Request, definition: Properties) -> Iterator[str]:
    if refused := list(ecs_runs.refusals(request)):
        yield from refused
        return
    yield from start.stopped_reasons(request, definition)
    for found in start.session_problems(request, definition):
        yield from found
