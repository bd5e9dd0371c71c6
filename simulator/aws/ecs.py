"""Clusters, task definitions and services; and whether a task would start.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ecs import fargate
from ecs.iam import secret_arn
from ecs.image import Reference
from simulator.aws import ecr, iam
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.aws.ec2 import EGRESS_RULE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION
from simulator.aws.secretsmanager import SECRET, SECRET_VERSION
from simulator.cloud import Call, ResourceType
from simulator.store import Object, Properties

CLUSTER = "aws:ecs/cluster:Cluster"
CAPACITY_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
PLATFORM = {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}


def _task_definition(call: Call) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    cpu, memory = int(call.inputs["cpu"]), int(call.inputs["memory"])
    if memory not in fargate.MEMORY.get(cpu, ()):
        yield f"ClientException: No Fargate configuration exists for given values: {cpu} CPU, {memory} memory"
    if call.inputs.get("networkMode") != "awsvpc":
        yield "ClientException: Fargate only supports network mode 'awsvpc'"
    for container in json.loads(call.inputs["containerDefinitions"]):
        names = [each["name"] for each in [*container.get("environment", []), *container.get("secrets", [])]]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"ClientException: the secret name must be unique and not shared with an environment variable: {name}"
        if container.get("secrets") and not call.inputs.get("executionRoleArn"):
            yield "ClientException: container secrets need a value for 'executionRoleArn'"


def _revision(call: Call) -> int:
    """Counts every revision that there ever was, deregistered ones too."""
    return 1 + max(
        (each.properties["revision"] for each in call.all(TASK_DEFINITION, family=call.inputs["family"])), default=0
    )


def _service(call: Call) -> Iterator[str]:
    """What CreateService and UpdateService refuse, and why the tasks would not reach a steady state.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    """
    clusters = {each.properties["name"] for each in call.find(CLUSTER, arn=call.inputs["cluster"])}
    associated = {
        provider
        for each in call.find(CAPACITY_PROVIDERS)
        if each.properties["clusterName"] in clusters
        for provider in each.properties["capacityProviders"]
    }
    for strategy in call.inputs.get("capacityProviderStrategies", []):
        if strategy["capacityProvider"] not in associated:
            provider = strategy["capacityProvider"]
            yield f"InvalidParameterException: capacity provider {provider} is not associated with the cluster"
    for task_definition in call.find(TASK_DEFINITION, arn=call.inputs["taskDefinition"]):
        for reason in _stopped_reasons(call, task_definition.properties):
            yield f"{call.inputs['name']}: the deployment circuit breaker was triggered: {reason}"


def _service_arn(call: Call) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids"""
    return f"{call.inputs['cluster'].replace(':cluster/', ':service/')}/{call.inputs['name']}"


def _stopped_reasons(call: Call, task: Properties) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""
    network: dict[str, Any] = call.inputs["networkConfiguration"]
    yield from _cut_off(call, network)
    role = task["executionRoleArn"]
    for container in json.loads(task["containerDefinitions"]):
        image = Reference.parse(container["image"])
        if not iam.allows(call, role, "ecr:BatchGetImage", image.repository.arn):
            yield f"CannotPullContainerError: {role} may not pull from {image.repository.arn}"
        if not ecr.holds(call.cloud.store, image):
            yield f"CannotPullContainerError: {image}: not found"
        for secret in container.get("secrets", []):
            yield from _unreadable(call, role, secret["valueFrom"])
        for group in call.find(LOG_GROUP, name=container["logConfiguration"]["options"]["awslogs-group"]):
            if not iam.allows(call, role, "logs:CreateLogStream", f"{group.properties['arn']}:*"):
                yield f"ResourceInitializationError: {role} may not write to {group.id}"
        wanted = PLATFORM[task["runtimePlatform"]["cpuArchitecture"]]
        if (built := ecr.platform(call.cloud.store, image)) not in (None, wanted):
            yield f"CannotPullContainerError: {image} was built for {built}, not for {wanted}"
        yield from _unresolved(call, container.get("environment", []))


def _cut_off(call: Call, network: dict[str, Any]) -> Iterator[str]:
    """The task's network interface pulls the image and reads secrets: it needs a route out and a rule that lets it."""
    routed = {
        each.properties["subnetId"]
        for each in call.find(ROUTE_TABLE_ASSOCIATION)
        for table in call.find(ROUTE_TABLE)
        if table.id == each.properties["routeTableId"] and _leads_out(table, bool(network.get("assignPublicIp")))
    }
    for subnet in network["subnets"]:
        if subnet not in routed:
            yield f"ResourceInitializationError: unable to pull registry auth: {subnet} has no route out"
    let_out = {
        each.properties["securityGroupId"]
        for each in call.find(EGRESS_RULE)
        if each.properties["fromPort"] <= 443 <= each.properties["toPort"]
    }
    if not let_out & set(network["securityGroups"]):
        yield "ResourceInitializationError: unable to pull registry auth: no egress rule for port 443"


def _leads_out(table: Object, public: bool) -> bool:
    key = "gatewayId" if public else "natGatewayId"
    return any(route.get("cidrBlock") == "0.0.0.0/0" and route.get(key) for route in table.properties["routes"])


def _unreadable(call: Call, role: str, reference: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    arn = secret_arn(reference)
    if not iam.allows(call, role, "secretsmanager:GetSecretValue", arn):
        yield f"ResourceInitializationError: {role} may not read {arn}"
    if not arn.split(":")[4].startswith("0" * 11):
        return  # not a simulated account: taken at its word
    version = reference.split(":")[-1] if reference != arn else ""
    versions = [each.properties["versionId"] for each in call.find(SECRET_VERSION, secretId=arn)]
    if not call.find(SECRET, arn=arn) or not versions or (version and version not in versions):
        yield f"ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {reference}"


def _unresolved(call: Call, environment: list[dict[str, str]]) -> Iterator[str]:
    """A task knows the names that were in its namespace when it started, and no later ones.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
    """
    namespace = call.inputs["serviceConnectConfiguration"]["namespace"]
    known = {
        f"{alias['dnsName']}:{alias['port']:.0f}"
        for other in call.find(SERVICE)
        if other.properties["serviceConnectConfiguration"]["namespace"] == namespace
        for served in other.properties["serviceConnectConfiguration"].get("services", [])
        for alias in served["clientAlias"]
    }
    for variable in environment:
        if variable["name"].endswith("_SERVICE") and variable["value"] not in known:
            yield f"{variable['name']}: {variable['value']} was not in the namespace when the task started"


TYPES = {
    CLUSTER: ResourceType(
        id="arn:aws:ecs:{region}:{account}:cluster/{name}",
        outputs={"arn": "{id}"},
        replaces=frozenset({"name"}),
        named="name",
    ),
    CAPACITY_PROVIDERS: ResourceType(
        id="{clusterName}",
        replaces=frozenset({"clusterName"}),
        refers={"clusterName": (CLUSTER, "name")},
        holds=False,
    ),
    TASK_DEFINITION: ResourceType(
        id="{family}",
        outputs={
            "revision": _revision,
            "arn": "arn:aws:ecs:{region}:{account}:task-definition/{family}:{revision}",
            "arnWithoutRevision": "arn:aws:ecs:{region}:{account}:task-definition/{family}",
        },
        replaces=frozenset(
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
        refers={"executionRoleArn": (iam.ROLE, "arn"), "taskRoleArn": (iam.ROLE, "arn")},
        # The role of a deregistered or old revision can be deleted all the same.
        holds=False,
        refuses=_task_definition,
        stays=lambda properties: bool(properties.get("skipDestroy")),
    ),
    SERVICE: ResourceType(
        id="{cluster}/{name}",
        outputs={"arn": _service_arn},
        replaces=frozenset({"cluster", "launchType", "name", "schedulingStrategy"}),
        named="name",
        named_within=("cluster",),
        refers={"cluster": (CLUSTER, "arn"), "taskDefinition": (TASK_DEFINITION, "arn")},
        refuses=_service,
    ),
}
