"""Tasks that RunTask starts, outside of any service. Nothing runs: such a task has ended when ECS answers.

One with ECS Exec waits for sessions until somebody stops it, or until the next operation of its stack.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ecs import types
from simulator import clock, logins
from simulator.aws import ecs_definition, ecs_exec, ecs_service, ecs_stops, ecs_tasks, start
from simulator.cloud import Cloud, Request
from simulator.faults import Faults
from simulator.store import Object, Properties, Store

TASK = "ecs task"
"""The kind of such a task. Its ID is its ARN."""
EXEC = "enableExecuteCommand"
KILLED = 137
"""The exit code after SIGKILL."""


def request(cloud: Cloud, urn: str, location: tuple[str, str], definition: str, **inputs: Any) -> Request:
    """RunTask of one task of a definition, in an account and region, with a service's names of inputs."""
    account, region = location
    task: Properties = {
        "name": f"task of {definition}",
        "taskDefinition": definition,
        "desiredCount": 1,
        "deploymentMaximumPercent": 100,  # it replaces no other task
        **inputs,
    }
    return Request(token=TASK, urn=urn, inputs=task, cloud=cloud, account=account, region=region)


def refusals(request: Request) -> Iterator[str]:
    """Why RunTask answers with an error. The request has a service's names of inputs, and `cluster`."""
    if not request.visible(types.CLUSTER, arn=request.inputs["cluster"]):
        yield "ClusterNotFoundException: Cluster not found."
    if not (definition := ecs_service.definition_of(request)):
        yield "ClientException: TaskDefinition not found."
    elif request.inputs.get(EXEC) and not definition.get("taskRoleArn"):
        yield "InvalidParameterException: a valid taskRoleArn is not being used. Specify a valid task role."
    yield from ecs_service.the_network_is_one_vpc(request)


def run(request: Request) -> Object:
    """Starts a task, which ends at once, unless a fault of the resource with the request's URN keeps it running."""
    definition = ecs_service.definition_of(request)
    reason = next(start.stopped_reasons(request, definition), "")
    fault = "" if reason else request.cloud.faults.task(request.urn)
    inputs, store = request.inputs, request.cloud.store
    task_id = ecs_tasks.digits(inputs["taskDefinition"], str(store.next_number()))[:32]
    properties: Properties = {
        **{key: inputs.get(key) for key in ("cluster", "taskDefinition", "startedBy", "overrides", EXEC)},
        "arn": f"{inputs['cluster'].replace(':cluster/', ':task/')}/{task_id}",
        **_state(request, definition, reason, fault),
    }
    created = Object(
        kind=TASK,
        id=properties["arn"],
        account=request.account,
        region=request.region,
        urn=_urn(request),
        run=request.cloud.run,
        properties=properties,
    )
    store.put(created)
    return created


def stop(store: Store, task: Object, reason: str) -> None:
    """Does nothing with a task that has stopped, as StopTask does."""
    if task.properties["lastStatus"] != "STOPPED":
        _put(store, task, _stopped("UserInitiated", reason, KILLED))


def finish(store: Store, faults: Faults, stack: str) -> None:
    """Ends the stack's tasks that still run, except by a fault: time passes between two operations."""
    for each in store.find(TASK, lastStatus="RUNNING"):
        if each.stack == stack and not faults.keeps_running(each.properties.get("startedBy") or ""):
            for definition in store.find(types.TASK_DEFINITION, arn=each.properties["taskDefinition"]):
                logins.apply(store, definition.properties, urn=each.urn, run=each.run)
            _put(store, each, _stopped("EssentialContainerExited", ecs_stops.EXITED, 0))


def described(store: Store, task: Object) -> Properties:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"""
    properties = task.properties
    exit_code, stopped = properties["exitCode"], properties["lastStatus"] == "STOPPED"
    return {
        "taskArn": properties["arn"],
        "taskDefinitionArn": properties["taskDefinition"],
        "clusterArn": properties["cluster"],
        "group": f"family:{family(task)}",
        "startedBy": properties.get("startedBy") or "",
        "launchType": "FARGATE",
        "lastStatus": properties["lastStatus"],
        "desiredStatus": "STOPPED" if stopped else "RUNNING",
        "healthStatus": "UNKNOWN",
        "overrides": properties.get("overrides") or {},
        EXEC: bool(properties.get(EXEC)),
        "createdAt": clock.before(clock.ROLLOUT_BEGAN),
        "containers": [
            {
                "name": each["name"],
                "lastStatus": properties["lastStatus"],
                **({} if exit_code is None else {"exitCode": exit_code}),
                **ecs_exec.described(properties),
            }
            for each in containers(store, task)
        ],
        **(
            {key: properties[key] for key in ("stopCode", "stoppedReason")}
            | {"stoppedAt": clock.before(clock.ROLLOUT_ENDED)}
            if stopped
            else {}
        ),
    }


def family(task: Object) -> str:
    return task.properties["taskDefinition"].rpartition("/")[2].partition(":")[0]


def containers(store: Store, task: Object) -> list[dict[str, Any]]:
    found = store.find(types.TASK_DEFINITION, arn=task.properties["taskDefinition"])
    return [container for each in found for container in ecs_definition.containers(each.properties)]


def _state(request: Request, definition: Properties, reason: str, fault: str) -> Properties:
    if reason or fault == "task-fails" or not (fault or request.inputs.get(EXEC)):
        return _ended(request, definition, reason, fault)
    return {**_running(), **(ecs_exec.state(request, definition) if request.inputs.get(EXEC) else {})}


def _ended(request: Request, definition: Properties, reason: str, fault: str) -> Properties:
    if reason:
        found = ecs_stops.of_reason(reason)
        return _stopped(found.code, found.reason, found.exit_code, found.line)
    if fault:
        return _stopped("EssentialContainerExited", ecs_stops.EXITED, 1, f"the simulated fault {fault}")
    logins.apply(request.cloud.store, definition, urn=request.urn, run=request.cloud.run)
    return _stopped("EssentialContainerExited", ecs_stops.EXITED, 0)


def _running() -> Properties:
    return {"lastStatus": "RUNNING", "exitCode": None, "lines": [_line("INFO", "started")]}


def _stopped(code: str, reason: str, exit_code: int | None, line: str = "") -> Properties:
    """A container that never started wrote nothing."""
    began = [] if exit_code is None else [_line("INFO", "started")]
    written = [_line("ERROR", line)] if line else [_line("INFO", "completed")] if exit_code == 0 else []
    return {
        "lastStatus": "STOPPED",
        "stopCode": code,
        "stoppedReason": reason,
        "exitCode": exit_code,
        "lines": [*began, *written],
    }


def _line(level: str, message: str) -> str:
    """As image/sample/cmd/server/main.go writes it."""
    return json.dumps({"level": level, "msg": message})


def _put(store: Store, task: Object, changes: Properties) -> None:
    store.put(replace(task, properties={**task.properties, **changes}))


def _urn(request: Request) -> str:
    """That of the task definition: it names the stack."""
    found = request.all(types.TASK_DEFINITION, arn=request.inputs["taskDefinition"])
    return found[0].urn if found else ""
