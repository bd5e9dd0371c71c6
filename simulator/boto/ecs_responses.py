"""Services, tasks and service deployments as ECS returns them.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Types.html
"""

from __future__ import annotations

from collections.abc import Iterator

from simulator import clock
from simulator.aws import ecs_events, ecs_tasks
from simulator.aws.ecs_rollout import REQUESTED, ROLLOUT, RUNNING, Rollout, deployments
from simulator.aws.ecs_tasks import Task
from simulator.aws.values import mappings
from simulator.store import Object, Properties, Store

STATUS = {
    Rollout.COMPLETED: "SUCCESSFUL",
    Rollout.ROLLED_BACK: "ROLLBACK_SUCCESSFUL",
    Rollout.FAILED: "STOPPED",
    Rollout.IN_PROGRESS: "IN_PROGRESS",
}
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html"""
REASON = "the deployment circuit breaker detected a failure (simulated)"


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
            {key: each[key] for key in ("targetGroupArn", "containerName") if key in each}
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


def brief(found: Object) -> Properties:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html"""
    properties = found.properties
    outcome = properties[ROLLOUT]
    ended = {} if outcome == Rollout.IN_PROGRESS else {"finishedAt": clock.before(clock.ROLLOUT_ENDED)}
    return {
        "serviceDeploymentArn": _arn(properties, "service-deployment", _requested(properties)),
        "serviceArn": properties["arn"],
        "clusterArn": properties["cluster"],
        "createdAt": clock.before(clock.ROLLOUT_BEGAN),
        "targetServiceRevisionArn": _arn(properties, "service-revision", _requested(properties)),
        "status": STATUS[outcome],
        **({"statusReason": REASON} if ecs_tasks.has_failed(properties) else {}),
        **ended,
    }


def deployment(found: Object) -> Properties:
    properties, shown = found.properties, brief(found)
    failed = ecs_tasks.has_failed(properties)
    breaker = {
        "status": "TRIGGERED" if failed else "MONITORING_COMPLETE",
        "failureCount": ecs_tasks.failures(properties) if failed else 0,
        "threshold": ecs_tasks.threshold(properties),
    }
    rollback: Properties = {}
    if properties[ROLLOUT] == Rollout.ROLLED_BACK:
        former = _arn(properties, "service-revision", properties[RUNNING])
        rollback = {"rollback": {"reason": REASON, "serviceRevisionArn": former}}
    target = {"arn": shown.pop("targetServiceRevisionArn")}
    return {**shown, "targetServiceRevision": target, "deploymentCircuitBreaker": breaker, **rollback}


def revisions(found: Object) -> Iterator[Properties]:
    """The service's revisions that are known: the requested one and the running one."""
    for definition in sorted({_requested(found.properties), found.properties[RUNNING]} - {""}):
        yield {
            "serviceRevisionArn": _arn(found.properties, "service-revision", definition),
            "serviceArn": found.properties["arn"],
            "clusterArn": found.properties["cluster"],
            "taskDefinition": definition,
        }


def _requested(properties: Properties) -> str:
    return properties.get(REQUESTED, properties["taskDefinition"])


def _arn(properties: Properties, kind: str, definition: str) -> str:
    base = properties["arn"].replace(":service/", f":{kind}/")
    return f"{base}/{ecs_tasks.number(kind, properties['arn'], definition)}"
