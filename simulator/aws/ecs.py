"""Clusters, capacity providers, task definitions and services.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from ecs import fargate, types
from simulator.aws import changes, ecs_containers, ecs_rollout
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure, RejectedError
from simulator.store import Properties


def _validate_not_in_use(request: Request) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"""
    name = request.inputs["clusterName"]
    if any(each.properties["cluster"].endswith(f":cluster/{name}") for each in request.all(types.SERVICE)):
        yield f"ResourceInUseException: the capacity providers of {name} are in use and cannot be removed"


def _validate_task_definition(request: Request) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    cpu, memory = int(request.inputs["cpu"]), int(request.inputs["memory"])
    if memory not in fargate.MEMORY.get(cpu, ()):
        yield f"ClientException: No Fargate configuration exists for given values: {cpu} CPU, {memory} memory"
    if request.inputs.get("networkMode") != "awsvpc":
        yield "ClientException: Fargate only supports network mode 'awsvpc'"
    for container in json.loads(request.inputs["containerDefinitions"]):
        names = [each["name"] for each in [*container.get("environment", []), *container.get("secrets", [])]]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"ClientException: the secret name must be unique and not shared with an environment variable: {name}"
        if container.get("secrets") and not request.inputs.get("executionRoleArn"):
            yield "ClientException: container secrets need a value for 'executionRoleArn'"


def _kept_containers(request: Request) -> str:
    """What ECS returns; the text that was sent if the provider finds no difference."""
    text: str = request.inputs["containerDefinitions"]
    sent = json.loads(text)
    returned = ecs_containers.returned(sent)
    return text if ecs_containers.is_equivalent(sent, returned) else json.dumps(returned, sort_keys=True)


def _revision(request: Request) -> int:
    """The next revision of the family. Revisions of deregistered task definitions are not reused."""
    return 1 + max(
        (each.properties["revision"] for each in request.all(types.TASK_DEFINITION, family=request.inputs["family"])),
        default=0,
    )


def _validate_service(request: Request) -> Iterator[str]:
    """Checks capacity providers and target groups.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    """
    clusters = {each.properties["name"] for each in request.visible(types.CLUSTER, arn=request.inputs["cluster"])}
    associated = {
        provider
        for each in request.visible(types.CAPACITY_PROVIDERS)
        if each.properties["clusterName"] in clusters
        for provider in each.properties["capacityProviders"]
    }
    for strategy in request.inputs.get("capacityProviderStrategies", []):
        if (provider := strategy["capacityProvider"]) not in associated:
            yield f"InvalidParameterException: capacity provider {provider} is not associated with the cluster"
    forwarded = {
        action.get("targetGroupArn")
        for each in request.visible(types.LISTENER)
        for action in each.properties["defaultActions"]
    }
    for target in request.inputs.get("loadBalancers", []):
        if (arn := target["targetGroupArn"]) not in forwarded:
            yield f"InvalidParameterException: the target group {arn} does not have an associated load balancer"
    yield from _immutable_service_connect(request)


def _immutable_service_connect(request: Request) -> Iterator[str]:
    """The change of a protocol under a name that Service Connect knows. The words are those of ECS.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html (`appProtocol`, `protocol`)
    https://github.com/aws/containers-roadmap/issues/2378
    """
    if not (existing := request.existing()):
        return
    before, after = _protocols(request, existing.properties), _protocols(request, request.inputs)
    for name in sorted(before.keys() & after.keys()):
        if before[name] != after[name]:
            configs = [
                f"ScServiceStableConfig(applicationProtocol={application or 'null'}, transportProtocol={transport},"
                f" ecsServiceArn={existing.properties['arn']})"
                for application, transport in (before[name], after[name])
            ]
            yield (
                "InvalidParameterException: The following config cannot be changed for a SC service."
                f" Previous config: {configs[0]}, current config: {configs[1]}"
            )


def _protocols(request: Request, service: Properties) -> dict[str, tuple[str | None, str]]:
    """The application and transport protocols by the names that Service Connect discovers."""
    ports = {
        port.get("name"): (port.get("appProtocol"), port.get("protocol", "tcp"))
        for task in request.all(types.TASK_DEFINITION, arn=service["taskDefinition"])
        for container in json.loads(task.properties["containerDefinitions"])
        for port in container.get("portMappings", [])
    }
    return {
        each.get("discoveryName", each["portName"]): ports[each["portName"]]
        for each in service.get("serviceConnectConfiguration", {}).get("services", [])
        if each["portName"] in ports
    }


def get_service(request: Request) -> Properties:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
    name, cluster = request.inputs["serviceName"], request.inputs["clusterArn"]
    for service in request.all(types.SERVICE, name=name, cluster=cluster):
        return {
            **service.properties,
            "id": service.id,
            "serviceName": name,
            "deployments": ecs_rollout.deployments(service.properties),
            "runningCount": service.properties["desiredCount"] if service.properties[ecs_rollout.RUNNING] else 0,
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
        failure=Failure(source="ecs/cluster.go", empty_update="nothing"),
    ),
    types.CAPACITY_PROVIDERS: ResourceType(
        id="{clusterName}",
        replace_on_changes=frozenset({"clusterName"}),
        references={"clusterName": (types.CLUSTER, "name")},
        blocks_delete=False,
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
            }
        ),
        references={"executionRoleArn": (types.ROLE, "arn"), "taskRoleArn": (types.ROLE, "arn")},
        # A role can be deleted while a task definition references it.
        blocks_delete=False,
        validate=_validate_task_definition,
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
        # (triggersCustomizeDiff)
        ignore_removal=frozenset({"triggers"}),
        name_property="name",
        name_scope=("cluster",),
        references={"cluster": (types.CLUSTER, "arn"), "taskDefinition": (types.TASK_DEFINITION, "arn")},
        validate=_validate_service,
        validate_update=changes.service.reasons,
        internal=ecs_rollout.INTERNAL,
        settled=ecs_rollout.settled,
        init_errors=ecs_rollout.steady_state_errors,
        failure=Failure(
            source="ecs/service.go",
            unreadable=frozenset({"forceDelete", "forceNewDeployment", "triggers", "waitForSteadyState"}),
        ),
    ),
}

INVOKES = {types.GET_SERVICE: get_service}
