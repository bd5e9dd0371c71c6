"""Services, tasks and service deployments as ECS returns them.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Types.html
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from simulator import clock
from simulator.aws import ecs_events, ecs_hooks, ecs_tasks
from simulator.aws.ecs_rollout import (
    BY_HAND,
    FAULT,
    HISTORY,
    RUNNING,
    STATUS,
    Rollout,
    deployments,
    is_ended_by_alarm,
)
from simulator.aws.ecs_service import alarms
from simulator.aws.ecs_shift import STAGE
from simulator.aws.ecs_tasks import Task
from simulator.aws.values import mapping, mappings, number
from simulator.store import Object, Properties, Store

REASON = "the deployment circuit breaker detected a failure (simulated)"
BY_ALARM = "an alarm was detected (simulated)"
STOPPED_BY_HAND = "UserInitiated: StopServiceDeployment (simulated)"
BY_HOOK = {
    "rejected": "a lifecycle hook failed (simulated)",
    "approval-timeout": "a lifecycle hook timed out (simulated)",
}
HOOKS = {"waiting": "AWAITING_ACTION", "rejected": "FAILED", "approval-timeout": "TIMED_OUT"}
"""The status of the hook, by the kind of the fault."""
FAILED = (STATUS[Rollout.ROLLED_BACK], STATUS[Rollout.FAILED])
BETWEEN = 60
"""Minutes between two deployments of a service."""


def service(store: Store, found: Object) -> Properties:
    properties, tasks = found.properties, ecs_tasks.tasks(store, found)
    return {
        "serviceArn": properties["arn"],
        "serviceName": properties["name"],
        "status": "ACTIVE",
        "desiredCount": int(properties.get("desiredCount", 0)),
        "runningCount": sum(each.status == "RUNNING" for each in tasks),
        "pendingCount": sum(each.status == "PENDING" for each in tasks),
        "deployments": [_deployment(properties, each, tasks) for each in deployments(properties)],
        "loadBalancers": [
            {key: each[key] for key in ("targetGroupArn", "containerName", "advancedConfiguration") if each.get(key)}
            for each in mappings(properties.get("loadBalancers"))
        ],
        "events": [
            {"id": ecs_tasks.digits(found.id, message)[:32], "createdAt": at, "message": message}
            for at, message in ecs_events.events(store, found)
        ],
    }


def _deployment(properties: Properties, deployment: Properties, tasks: list[Task]) -> Properties:
    revision = deployment["taskDefinition"]
    own = [each.status for each in tasks if each.revision == revision]
    failed = deployment["rolloutState"] == "FAILED"
    return {
        **deployment,
        "id": ecs_tasks.deployment_id(properties, revision),
        "desiredCount": int(properties.get("desiredCount", 0)),
        "runningCount": own.count("RUNNING"),
        "pendingCount": own.count("PENDING"),
        "failedTasks": ecs_tasks.failures(properties) if failed else 0,
        "createdAt": clock.before(clock.ROLLOUT_BEGAN),
        "updatedAt": clock.before(clock.ROLLOUT_ENDED),
        "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start." if failed else "",
    }


def task(found: Task) -> Properties:
    stop = found.stop
    stopped: Properties = {}
    if stop:
        stopped = {"stopCode": stop.code, "stoppedReason": stop.reason, "stoppedAt": found.stopped}
    # A container that is not essential waits for the service's: it has not started.
    ended = {} if stop is None or stop.exit_code is None else {"exitCode": stop.exit_code}
    return {
        "taskArn": found.arn,
        "taskDefinitionArn": found.revision,
        "lastStatus": found.status,
        "desiredStatus": "STOPPED" if stop else "RUNNING",
        "healthStatus": found.health,
        "createdAt": found.started,
        "containers": [
            {
                "name": each["name"],
                "lastStatus": found.status,
                "healthStatus": found.health,
                **(ended if each.get("essential", True) else {}),
            }
            for each in found.containers
        ],
        **stopped,
    }


def briefs(found: Object) -> list[Properties]:
    """The service's deployments, newest first.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html
    """
    properties = found.properties
    history: list[Properties] = properties.get(HISTORY, [])
    return [_brief(properties, number, each, len(history) - 1 - number) for number, each in enumerate(history)][::-1]


def _brief(properties: Properties, number: int, deployed: Properties, age: int) -> Properties:
    """The age is the number of later deployments."""
    status = deployed["status"]
    base = properties["arn"].replace(":service/", ":service-deployment/")
    ended = {"finishedAt": clock.before(clock.ROLLOUT_ENDED + age * BETWEEN)}
    return {
        "serviceDeploymentArn": f"{base}/{ecs_tasks.number(base, str(number))}",
        "serviceArn": properties["arn"],
        "clusterArn": properties["cluster"],
        "createdAt": clock.before(clock.ROLLOUT_BEGAN + age * BETWEEN),
        "targetServiceRevisionArn": _revision(properties, deployed["taskDefinition"]),
        "status": status,
        **({"statusReason": _reason(properties, age)} if status in FAILED else {}),
        **({} if status == STATUS[Rollout.IN_PROGRESS] else ended),
    }


def _reason(properties: Properties, age: int) -> str:
    """Why a deployment failed. The store knows it of the last one."""
    if age == 0 and properties.get(FAULT) == BY_HAND:
        return STOPPED_BY_HAND
    if age == 0 and properties.get(FAULT) in BY_HOOK:
        return BY_HOOK[properties[FAULT]]
    return BY_ALARM if age == 0 and is_ended_by_alarm(properties) else REASON


def deployments_of(found: Object) -> list[Properties]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html"""
    newest, *others = [_detailed(found.properties, each) for each in briefs(found)] or [{}]
    stage = found.properties.get(STAGE)  # the store knows it of the last one
    details = {"lifecycleStage": stage, **_hook(found.properties, newest)} if stage else {}
    return [{**newest, **details}, *others] if newest else []


def _hook(properties: Properties, deployment: Properties) -> Properties:
    """The hook at which the last deployment waits or ended.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentLifecycleHookDetail.html
    """
    status, pauses = HOOKS.get(properties.get(FAULT, "")), ecs_hooks.pauses(properties)
    if not status or not pauses:
        return {}
    timeout = mapping(pauses[0].get("timeoutConfiguration"))
    wait = timedelta(minutes=number(timeout.get("timeoutInMinutes")) or ecs_hooks.MINUTES)
    hook = {
        "hookId": hook_id(deployment["serviceDeploymentArn"]),
        "targetType": "PAUSE",
        "status": status,
        "expiresAt": clock.before(clock.ROLLOUT_ENDED) + wait,
        "timeoutAction": timeout.get("action", "ROLLBACK"),
    }
    return {"lifecycleHookDetails": [hook]}


def hook_id(deployment: str) -> str:
    """The form is that of AWS's page."""
    return f"ecs-pause-{ecs_tasks.digits(deployment)[:43]}"


def _detailed(properties: Properties, shown: Properties) -> Properties:
    failed = shown.get("statusReason") == REASON
    breaker = {
        "status": "TRIGGERED" if failed else "MONITORING_COMPLETE",
        "failureCount": ecs_tasks.failures(properties) if failed else 0,
        "threshold": ecs_tasks.threshold(properties),
    }
    rollback: Properties = {}
    if shown["status"] == STATUS[Rollout.ROLLED_BACK]:
        former = _revision(properties, properties[RUNNING])
        rollback = {"rollback": {"reason": shown["statusReason"], "serviceRevisionArn": former}}
    target = {"arn": shown.pop("targetServiceRevisionArn")}
    watched = alarms(properties)
    # The fault names none: the first one stands for it.
    triggered = {"triggeredAlarmNames": watched[:1]} if shown.get("statusReason") == BY_ALARM else {}
    watching = {"alarms": {"alarmNames": watched, **triggered}} if watched else {}
    return {**shown, "targetServiceRevision": target, "deploymentCircuitBreaker": breaker, **watching, **rollback}


def revisions(found: Object) -> Iterator[Properties]:
    """The service's revisions, one for each task definition that was deployed."""
    history: list[Properties] = found.properties.get(HISTORY, [])
    for definition in sorted({each["taskDefinition"] for each in history}):
        yield {
            "serviceRevisionArn": _revision(found.properties, definition),
            "serviceArn": found.properties["arn"],
            "clusterArn": found.properties["cluster"],
            "taskDefinition": definition,
        }


def _revision(properties: Properties, definition: str) -> str:
    base = properties["arn"].replace(":service/", ":service-revision/")
    return f"{base}/{ecs_tasks.number(base, definition)}"
