"""Whether the runs of a stack's schedules would start. AWS takes a schedule in any case; its runs then fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecs import types
from simulator import aws
from simulator.aws import access, ecs_runs, ecs_service, start
from simulator.aws.values import mapping, text
from simulator.cloud import Cloud, Request
from simulator.store import Object, Properties, Store


def problems(store: Store, stack: str) -> Iterator[str]:
    """One line for each reason why the next run of a schedule of the stack would not start."""
    cloud = Cloud(store=store, root=Path(), types=aws.TYPES)
    for schedule in store.find(types.SCHEDULE):
        if schedule.stack == stack:
            for reason in _reasons(_request(cloud, schedule), mapping(schedule.properties["target"])):
                yield f"{schedule.properties['name']}: no run of its schedule would start: {reason}"


def _request(cloud: Cloud, schedule: Object) -> Request:
    """RunTask, as Scheduler calls it, with the names that the inputs of a service have.

    https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EcsParameters.html
    """
    target = mapping(schedule.properties["target"])
    parameters = mapping(target.get("ecsParameters"))
    return ecs_runs.request(
        cloud,
        schedule.urn,
        (schedule.account, schedule.region),
        text(parameters.get("taskDefinitionArn")),
        **{key: parameters.get(key) for key in ("capacityProviderStrategies", "launchType", "networkConfiguration")},
        **{"name": f"task of {schedule.id}", "cluster": text(target.get("arn"))},
    )


def _reasons(request: Request, target: Properties) -> Iterator[str]:
    if refused := list(ecs_runs.refusals(request)):
        yield from refused
        return
    definition = ecs_service.definition_of(request)
    yield from _denied(request, target, definition)
    yield from start.stopped_reasons(request, definition)


def _denied(request: Request, target: Properties, definition: Properties) -> Iterator[str]:
    """What the schedule's role may not do.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/CWE_IAM_role.html
    """
    role = access.load(request, text(target.get("roleArn")))
    for action, resource, context in _calls(request, target, definition):
        reason = role.refusal(action, resource, context=context) if role else "the role does not exist"
        if reason:
            refused = f"the schedule's role is not authorized to perform {action} on {resource}"
            yield f"AccessDeniedException: {refused}: {reason}"


def _calls(request: Request, target: Properties, definition: Properties) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each action with its resource and the condition keys that are known."""
    cluster = request.inputs["cluster"]
    yield "ecs:RunTask", request.inputs["taskDefinition"], {"ecs:cluster": cluster}
    parameters = mapping(target.get("ecsParameters"))
    if any(parameters.get(key) for key in ("enableEcsManagedTags", "propagateTags", "tags")):
        task = f"{cluster.replace(':cluster/', ':task/')}/id-of-the-task"
        yield "ecs:TagResource", task, {"ecs:CreateAction": "RunTask"}
    for arn in dict.fromkeys(definition.get(key) for key in ("executionRoleArn", "taskRoleArn")):
        if arn:
            yield "iam:PassRole", arn, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
