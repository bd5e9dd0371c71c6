"""Clusters, task definitions and services; and whether a task would start.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ecs import fargate
from ecs.iam import PULL_ACTIONS, secret_arn
from ecs.image import REFERENCE, Reference
from simulator.aws import ec2, ecr, iam
from simulator.aws.cloudwatch import LOG_GROUP
from simulator.aws.lb import LISTENER
from simulator.aws.secretsmanager import SECRET, SECRET_VERSION
from simulator.cloud import Call, RefusedError, ResourceType, is_simulated
from simulator.store import Properties

CLUSTER = "aws:ecs/cluster:Cluster"
CAPACITY_PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
NEEDED_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html and, for the other two, the same of each"""
STOPPED = "stoppedReasons"
"""What the cloud knows of a service and tells only those who ask: why tasks of the revision that is asked for stop."""
ROLLED_BACK = "rolledBackTaskDefinition"
"""Likewise: the revision that no rollout of brings about, because a fault was ordered for it; empty for none."""
RUNNING = "runningTaskDefinition"
"""Likewise: the revision of the tasks that run; empty when none ever did."""
PLATFORM = {cpu: fargate.PLATFORM[name] for name, cpu in fargate.CPU_ARCHITECTURE.items()}


def _in_use(call: Call) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"""
    name = call.inputs["clusterName"]
    if any(each.properties["cluster"].endswith(f":cluster/{name}") for each in call.all(SERVICE)):
        yield f"ResourceInUseException: the capacity providers of {name} are in use and cannot be removed"


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
    """What CreateService and UpdateService refuse.

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
        if (provider := strategy["capacityProvider"]) not in associated:
            yield f"InvalidParameterException: capacity provider {provider} is not associated with the cluster"
    listened = {
        action.get("targetGroupArn") for each in call.find(LISTENER) for action in each.properties["defaultActions"]
    }
    for target in call.inputs.get("loadBalancers", []):
        if (arn := target["targetGroupArn"]) not in listened:
            yield f"InvalidParameterException: the target group {arn} does not have an associated load balancer"


def _stops(call: Call, _: Properties) -> list[str]:
    tasks = call.find(TASK_DEFINITION, arn=call.inputs["taskDefinition"])
    return [reason for task in tasks for reason in _stopped_reasons(call, task.properties)]


def _rolled_back(call: Call, _: Properties) -> str:
    asked, before = call.inputs["taskDefinition"], call.existing()
    if before and before.properties["taskDefinition"] == asked:
        return before.properties[ROLLED_BACK]
    return asked if before and call.inputs["name"] in call.cloud.faults else ""


def _running(call: Call, made: Properties) -> str:
    """The revision that runs after this: the one that is asked for, unless its tasks stop."""
    asked, before = call.inputs["taskDefinition"], call.existing()
    if made[STOPPED] or made[ROLLED_BACK] == asked:
        return before.properties[RUNNING] if before else ""
    return asked


def _unsteady(call: Call, made: Properties) -> Iterator[str]:
    """Why the provider, which waits for a steady state, says that it did not come. Of a rollback it tells not always.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    name, asked, running = call.inputs["name"], made["taskDefinition"], made[RUNNING]
    for reason in made[STOPPED]:
        yield f"{name}: the deployment circuit breaker was triggered: {reason}"
    if made[ROLLED_BACK] == asked and call.cloud.faults.get(name) == "rollback":
        yield (
            f"waiting for ECS Service {name}: the deployment of {asked.rsplit('/')[-1]} failed:"
            f" the circuit breaker rolled back to {running.rsplit('/')[-1]}"
        )


def get_service(call: Call) -> Properties:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""
    given = {"name": call.inputs["serviceName"], "cluster": call.inputs["clusterArn"]}
    for service in call.all(SERVICE, **given):
        return {
            **service.properties,
            "id": service.id,
            "serviceName": given["name"],
            "taskDefinition": service.properties[RUNNING] or service.properties["taskDefinition"],
            "runningCount": service.properties["desiredCount"] if service.properties[RUNNING] else 0,
        }
    raise RefusedError(f"ServiceNotFoundException: there is no service {given['name']} in {given['cluster']}")


def _service_arn(call: Call) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#ecs-resource-ids"""
    return f"{call.inputs['cluster'].replace(':cluster/', ':service/')}/{call.inputs['name']}"


def _stopped_reasons(call: Call, task: Properties) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""
    network: dict[str, Any] = call.inputs["networkConfiguration"]
    yield from _cut_off(call, network)
    role = task["executionRoleArn"]
    for container in json.loads(task["containerDefinitions"]):
        yield from _unpullable(call, role, container["image"], PLATFORM[task["runtimePlatform"]["cpuArchitecture"]])
        for secret in container.get("secrets", []):
            yield from _unreadable(call, role, secret["valueFrom"])
        yield from _unlogged(call, role, container.get("logConfiguration", {}).get("options", {}).get("awslogs-group"))
        yield from _unresolved(call, container.get("environment", []))


def _cut_off(call: Call, network: dict[str, Any]) -> Iterator[str]:
    """The task's network interface pulls the image and reads secrets: it needs a way to AWS, and rules that let it.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
    """
    groups: list[str] = network["securityGroups"]
    for subnet in network["subnets"]:
        if ec2.leads_out(call, subnet, public=bool(network.get("assignPublicIp"))):
            if not ec2.may_reach(call, groups, cidrIpv4="0.0.0.0/0"):
                yield "ResourceInitializationError: unable to pull registry auth: no egress rule for port 443"
        elif missing := list(ec2.missing_endpoints(call, subnet, groups, (*NEEDED_ENDPOINTS, "s3"))):
            yield (
                f"ResourceInitializationError: unable to pull registry auth: {subnet} has no route out"
                f" and no endpoint within reach for {', '.join(missing)}"
            )


def _unpullable(call: Call, role: str, text: str, platform: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"""
    if not re.fullmatch(REFERENCE, text):
        return  # not in a private registry, or not by digest: nothing is known of it here
    image = Reference.parse(text)
    needed = {"ecr:GetAuthorizationToken": "*", **dict.fromkeys(PULL_ACTIONS, image.repository.arn)}
    for action, resource in needed.items():
        if not iam.allows(call, role, action, resource):
            yield f"CannotPullContainerError: {role} is not authorized to perform {action} on {resource}"
    for reason in ecr.unpullable(call, image):
        yield f"CannotPullContainerError: {reason}"
    if (built := ecr.platform(call.cloud.store, image)) not in (None, platform):
        yield f"CannotPullContainerError: {image} was built for {built}, not for {platform}"


def _unreadable(call: Call, role: str, reference: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    arn = secret_arn(reference)
    if not iam.allows(call, role, "secretsmanager:GetSecretValue", arn):
        yield f"ResourceInitializationError: {role} is not authorized to perform secretsmanager:GetSecretValue on {arn}"
    if not is_simulated(arn.split(":")[4]):
        return
    version = reference.split(":")[-1] if reference != arn else ""
    versions = [each.properties["versionId"] for each in call.find(SECRET_VERSION, secretId=arn)]
    if not call.find(SECRET, arn=arn) or not versions or (version and version not in versions):
        yield f"ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {reference}"


def _unlogged(call: Call, role: str, group: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
    found = call.find(LOG_GROUP, name=group)
    if not found:
        yield f"ResourceInitializationError: failed to validate logger args: the log group {group} does not exist"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        for each in found:
            if not iam.allows(call, role, action, f"{each.properties['arn']}:*"):
                yield f"ResourceInitializationError: {role} is not authorized to perform {action} on {group}"


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
        refuses_deletion=_in_use,
    ),
    TASK_DEFINITION: ResourceType(
        id=lambda call: f"{call.inputs['family']}:{_revision(call)}",
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
        private={STOPPED: _stops, ROLLED_BACK: _rolled_back, RUNNING: _running},
        complains=_unsteady,
    ),
}

INVOKES = {"aws:ecs/getService:getService": get_service}
