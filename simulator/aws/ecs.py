"""Clusters, capacity providers, task definitions and services.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ecs import types
from simulator.aws import (
    changes,
    ecs_container,
    ecs_containers,
    ecs_hooks,
    ecs_model,
    ecs_ports,
    ecs_rollout,
    ecs_service_connect,
    ecs_strategy,
    ecs_wait,
)
from simulator.aws.ecs_cluster import capacity_providers, cluster
from simulator.aws.ecs_definition import definition
from simulator.aws.ecs_service import service
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure, RejectedError
from simulator.store import Properties

CHECKED = (ecs_container, ecs_hooks, ecs_ports, ecs_service_connect, ecs_strategy)
"""The modules that add checks to those of task definitions and services."""


def _validate_not_in_use(request: Request) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"""
    name = request.inputs["clusterName"]
    if any(each.properties["cluster"].endswith(f":cluster/{name}") for each in request.all(types.SERVICE)):
        yield f"ResourceInUseException: the capacity providers of {name} are in use and cannot be removed"


def _kept_containers(request: Request) -> str:
    """What ECS returns; the text that was sent if the provider finds no difference."""
    text: str = request.inputs["containerDefinitions"]
    sent = ecs_model.parse(text).containers
    returned = ecs_containers.returned(sent)
    return text if ecs_containers.is_equivalent(sent, returned) else json.dumps(returned, sort_keys=True)


def _revision(request: Request) -> int:
    """The next revision of the family. Revisions of deregistered task definitions are not reused."""
    return 1 + max(
        (each.properties["revision"] for each in request.all(types.TASK_DEFINITION, family=request.inputs["family"])),
        default=0,
    )


def get_service(request: Request) -> Properties:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
    name, cluster = request.inputs["serviceName"], request.inputs["clusterArn"]
    for found in request.all(types.SERVICE, name=name, cluster=cluster):
        return {
            **found.properties,
            "id": found.id,
            "serviceName": name,
            "deployments": ecs_rollout.deployments(found.properties),
            "runningCount": found.properties.get("desiredCount", 0) if found.properties[ecs_rollout.RUNNING] else 0,
        }
    # https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/tfresource/not_found_error.go
    raise RejectedError("no matching ECS Service found")


def _service_arn(request: Request) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids"""
    return f"{request.inputs['cluster'].replace(':cluster/', ':service/')}/{request.inputs['name']}"


TYPES = {
    types.CLUSTER: ResourceType(
        id="arn:aws:ecs:{region}:{account}:cluster/{name}",
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate=cluster.reasons,
        failure=Failure(source="ecs/cluster.go", empty_update="nothing"),
    ),
    types.CAPACITY_PROVIDERS: ResourceType(
        id="{clusterName}",
        replace_on_changes=frozenset({"clusterName"}),
        references={"clusterName": (types.CLUSTER, "name")},
        blocks_delete=False,
        validate=capacity_providers.reasons,
        validate_update=changes.capacity_providers.reasons,
        validate_delete=_validate_not_in_use,
        failure=Failure(source="ecs/cluster_capacity_providers.go", empty_update="applies"),
    ),
    types.TASK_DEFINITION: ResourceType(
        id=lambda request: f"{request.inputs['family']}:{_revision(request)}",
        outputs={
            "revision": _revision,
            "arn": "arn:aws:ecs:{region}:{account}:task-definition/{family}:{revision}",
            "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{family}",
        },
        kept={"containerDefinitions": _kept_containers},
        replace_on_changes=frozenset(
            {
                "containerDefinitions",
                "cpu",
                "executionRoleArn",
                "family",
                "memory",
                "networkMode",
                "requiresCompatibilities",
                "runtimePlatform",
                "taskRoleArn",
                "volumes",
            }
        ),
        references={"executionRoleArn": (types.ROLE, "arn"), "taskRoleArn": (types.ROLE, "arn")},
        # A role can be deleted while a task definition references it.
        blocks_delete=False,
        validate=definition.reasons,
        retained_on_delete=lambda properties: bool(properties.get("skipDestroy")),
        failure=Failure(
            source="ecs/task_definition.go",
            unreadable=frozenset({"skipDestroy"}),
            quota="LimitExceededException: The limit for the resource was exceeded.",
        ),
    ),
    types.SERVICE: ResourceType(
        id="{cluster}/{name}",
        outputs={"arn": _service_arn},
        replace_on_changes=frozenset({"cluster", "launchType", "name", "schedulingStrategy"}),
        # https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/service.go
        # (triggersCustomizeDiff; SuppressMissingOptionalConfigurationBlock of alarms and of the circuit breaker;
        # deployment_configuration is computed)
        ignore_removal=frozenset({"alarms", "deploymentCircuitBreaker", "deploymentConfiguration", "triggers"}),
        name_property="name",
        name_scope=("cluster",),
        references={"cluster": (types.CLUSTER, "arn"), "taskDefinition": (types.TASK_DEFINITION, "arn")},
        validate=service.reasons,
        validate_update=changes.service.reasons,
        internal=ecs_rollout.INTERNAL,
        settled=ecs_rollout.settled,
        affects=ecs_rollout.affects,
        init_errors=ecs_wait.steady_state_errors,
        failure=Failure(
            source="ecs/service.go",
            unreadable=frozenset({"forceDelete", "forceNewDeployment", "triggers", "waitForSteadyState"}),
        ),
    ),
}

INVOKES = {types.GET_SERVICE: get_service}
