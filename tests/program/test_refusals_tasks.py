"""What the simulated cloud refuses of changes of the program's tasks, services, load balancer and scaling."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from simulator.aws import ecr
from simulator.store import Properties
from tests.declared import ACCOUNT
from tests.program.mutations import Change, containers, deployed, mutate, refusals
from tests.unit.simulator.world import World

REAL = "123456789012"


def container(**changes: Any) -> Change:
    """Changes of fields of the first container; None removes a field."""

    def apply(found: Any) -> None:
        found[0].update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del found[0][key]

    return containers(apply)


def mapping(**changes: Any) -> Change:
    return containers(lambda found: found[0]["portMappings"][0].update(changes))


def logs(**options: str | None) -> Change:
    def apply(found: Any) -> None:
        given = found[0]["logConfiguration"]["options"]
        for key, value in options.items():
            name = key.replace("_", "-")
            given.pop(name) if value is None else given.update({name: value})

    return containers(apply)


def check(**changes: Any) -> Change:
    return containers(lambda found: found[0]["healthCheck"].update(changes))


def second(**changes: Any) -> Change:
    """A second container with these changes."""
    return containers(lambda found: found.append({**sidecar(), **changes}))


def sidecar() -> Properties:
    return {"name": "sidecar", "image": "public.ecr.aws/docker/library/busybox:1", "essential": False}


def put(**changes: Any) -> Change:
    """Changes of properties; None removes one."""

    def apply(found: Properties) -> None:
        found.update(changes)
        for key in [key for key, value in changes.items() if value is None]:
            del found[key]

    return apply


def within(key: str, **changes: Any) -> Change:
    """Changes within a property, or within the first of a list."""

    def apply(found: Properties) -> None:
        inner = found[key][0] if isinstance(found[key], list) else found[key]
        put(**changes)(inner)

    return apply


def connect(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["serviceConnectConfiguration"]["services"][0])


def alias(**changes: Any) -> Change:
    return lambda found: put(**changes)(found["serviceConnectConfiguration"]["services"][0]["clientAlias"][0])


Case = tuple[str, Change, str]
"""The logical name, the change, and a part of the refusal."""

MCP, AUTH = "mcp-task-definition", "authsvc-task-definition"
DEFINITIONS: list[Case] = [
    (MCP, put(containerDefinitions="["), "ClientException: containerDefinitions is not valid JSON"),
    (MCP, put(containerDefinitions="{}"), "ClientException: containerDefinitions is not a list"),
    (MCP, put(containerDefinitions="[]"), "Container list cannot be empty"),
    (MCP, put(containerDefinitions=None), "containerDefinitions is required"),
    (MCP, put(family="mrgnl mcp"), "Family contains invalid characters"),
    (MCP, put(family="m" * 256), "Family contains invalid characters"),
    (MCP, put(cpu="300"), "No Fargate configuration exists for given values: 300 CPU, 512 memory"),
    (MCP, put(memory="9999"), "No Fargate configuration exists for given values: 256 CPU, 9999 memory"),
    (MCP, put(cpu="many"), "Invalid 'cpu' setting for task: 'many'"),
    (MCP, put(memory=None), "Fargate requires that 'memory' be defined at the task level"),
    (MCP, put(networkMode="bridge"), "Fargate only supports network mode 'awsvpc'"),
    (MCP, put(networkMode=None), "Fargate only supports network mode 'awsvpc'"),
    (MCP, put(requiresCompatibilities=["FARGAT"]), "requiresCompatibilities must be one of"),
    (MCP, put(requiresCompatibilities=["EC2"]), "Task definition does not support launch_type FARGATE"),
    (MCP, within("runtimePlatform", cpuArchitecture="AMD64"), "cpuArchitecture must be one of X86_64, ARM64"),
    (MCP, within("runtimePlatform", cpuArchitecture="ARM64"), "was built for linux/amd64, not for linux/arm64"),
    (MCP, within("runtimePlatform", operatingSystemFamily="WINDOWS_SERVER_2022_CORE"), "not for windows/amd64"),
    (MCP, put(executionRoleArn=None), "execution role ARN to support ECR images: executionRoleArn is missing"),
    (AUTH, put(executionRoleArn=None), "container secrets need a value for 'executionRoleArn'"),
    (MCP, put(taskRoleArn="mcp"), "taskRoleArn 'mcp' is not the ARN of a role"),
    (MCP, put(ephemeralStorage={"sizeInGib": 20}), "sizeInGib must be a whole number from 21 to 200"),
    (MCP, put(ipcMode="host"), "Fargate does not support ipcMode"),
    (MCP, put(pidMode="host"), "pidMode must be one of task"),
    (MCP, put(placementConstraints=[{"type": "memberOf"}]), "Fargate does not support placementConstraints"),
    (MCP, put(volumes=[{"name": "v", "hostPath": "/x"}]), "Fargate does not support a volume on the host"),
    (MCP, put(volumes=[{"name": "v"}, {"name": "v"}]), "the volume name v is not unique"),
    (MCP, put(tags={"aws:x": "y"}), "the tag key 'aws:x' is reserved"),
    (MCP, container(image=None), "Container.image should not be null or empty"),
    (MCP, container(image="a b"), "is no reference"),
    (MCP, container(name="my mcp"), "Container.name contains invalid characters"),
    (MCP, container(name=None), "Container.name contains invalid characters"),
    (MCP, second(name="mcp"), "the container name mcp is not unique"),
    (MCP, container(essential=False), "at least one container of a task must be essential"),
    (MCP, container(enviroment=[]), 'Unknown parameter in containerDefinitions[0]: "enviroment": did you mean env'),
    (MCP, container(stopTimeout="35"), "Invalid type for parameter containerDefinitions[0].stopTimeout"),
    (MCP, container(essential="true"), "Invalid type for parameter containerDefinitions[0].essential"),
    (MCP, container(cpu=512), "the cpu of the containers is 512, more than that of the task, 256"),
    (MCP, container(memory=1024), "the memory of the containers is 1024, more than that of the task, 512"),
    (MCP, container(memory=256, memoryReservation=512), "memoryReservation 512 of mcp is above its memory 256"),
    (MCP, container(memory=4), "memory of mcp must be at least 6 MiB"),
    (MCP, container(privileged=True), "Fargate does not support privileged"),
    (MCP, container(links=["x"]), "Fargate does not support links"),
    (MCP, container(hostname="x"), "Fargate does not support hostname"),
    (MCP, container(dnsServers=["10.0.0.2"]), "Fargate does not support dnsServers"),
    (MCP, container(linuxParameters={"capabilities": {"add": ["NET_ADMIN"]}}), "add no capability but SYS_PTRACE"),
    (MCP, container(linuxParameters={"capabilities": {"drop": ["EVERYTHING"]}}), "is no Linux capability"),
    (MCP, container(linuxParameters={"tmpfs": [{"containerPath": "/t", "size": 1}]}), "linuxParameters.tmpfs"),
    (MCP, container(linuxParameters={"sharedMemorySize": 64}), "linuxParameters.sharedMemorySize"),
    (MCP, container(mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]), "Unknown volume 'v'"),
    (MCP, container(startTimeout=1), "startTimeout must be a whole number from 2 to 120"),
    (MCP, container(stopTimeout=121), "stopTimeout must be a whole number from 0 to 120"),
    (MCP, container(user="65532:"), "is not of the form user"),
    (MCP, container(user="app"), "unable to find user app in the image"),
    (MCP, container(entryPoint=["/bin/sh", "-c"]), "the image has no /bin/sh, only /service"),
    (MCP, container(ulimits=[{"name": "nofile", "softLimit": 2, "hardLimit": 1}]), "above its hard limit"),
    (MCP, container(restartPolicy={"enabled": True, "restartAttemptPeriod": 5}), "restartAttemptPeriod must be"),
    (MCP, container(logConfiguration={"logDriver": "json-file"}), "Fargate does not support the log driver json-file"),
    (MCP, container(logConfiguration={"logDriver": "aws"}), "must be one of json-file"),
    (MCP, logs(awslogs_group=None), "requires the option awslogs-group"),
    (MCP, logs(awslogs_region=None), "requires the option awslogs-region"),
    (MCP, logs(awslogs_stream_prefix=None), "requires the option awslogs-stream-prefix"),
    (MCP, logs(awslogs_region="eu-west-1"), "awslogs-region of mcp is eu-west-1"),
    (MCP, logs(awslogs_stream="x"), "has no option awslogs-stream"),
    (MCP, logs(mode="async"), "mode must be blocking or non-blocking"),
    (MCP, logs(max_buffer_size="big"), "max-buffer-size 'big' is no size"),
    (MCP, check(command=["CMD-SHELL", "/service -healthcheck"]), "the image has no shell for CMD-SHELL"),
    (MCP, check(command=["/service", "-healthcheck"]), "must begin with CMD or CMD-SHELL"),
    (MCP, check(command=["CMD", "curl", "localhost"]), "the image has no curl, only /service"),
    (MCP, check(command=["CMD", "/service"]), "only with -healthcheck"),
    (MCP, check(interval=4), "interval must be a whole number from 5 to 300"),
    (MCP, check(timeout=61), "timeout must be a whole number from 2 to 60"),
    (MCP, check(retries=11), "retries must be a whole number from 1 to 10"),
    (MCP, check(startPeriod=301), "startPeriod must be a whole number from 0 to 300"),
    (MCP, mapping(hostPort=80), "the host ports and container ports in port mappings must match: 80 and 8080"),
    (MCP, mapping(containerPort=70000, hostPort=0), "containerPort must be a whole number from 1 to 65535"),
    (MCP, mapping(containerPort=0, hostPort=0), "containerPort must be a whole number from 1 to 65535"),
    (MCP, mapping(name="HTTP"), "the name of a port mapping contains invalid characters: 'HTTP'"),
    (MCP, mapping(appProtocol="https"), "must be one of http, http2, grpc"),
    (MCP, mapping(protocol="udp"), "appProtocol http requires the protocol tcp"),
    (MCP, second(portMappings=[{"containerPort": 8080}]), "the port 8080/tcp is mapped more than once"),
    (
        MCP,
        second(portMappings=[{"containerPort": 81, "name": "http"}]),
        "the name http of a port mapping is not unique",
    ),
    (MCP, container(portMappings=[]), "The container mcp did not have a container port 8080 defined"),
    (AUTH, container(portMappings=[]), "the portName grpc was not found in the task definition"),
    (MCP, container(dependsOn=[{"containerName": "db", "condition": "START"}]), "depends on db, which is no other"),
    (MCP, container(dependsOn=[{"containerName": "mcp", "condition": "START"}]), "which is no other container"),
    (MCP, second(dependsOn=[{"containerName": "mcp", "condition": "SUCCESS"}]), "which is essential and must not end"),
    (MCP, container(environment=[{"name": "", "value": "x"}]), "is no name of an environment variable"),
    (AUTH, container(environment=[{"name": "GRPC_PORT", "value": "9009"}]), "which listens on port 9009"),
    (AUTH, container(environment=[{"name": "HTTP_PORT", "value": "9001"}]), "which speaks http"),
    (AUTH, container(environment=[{"name": "GRPC_PORT", "value": "x"}]), "GRPC_PORT must be a port number"),
    (AUTH, container(environment=[]), "its environment has neither GRPC_PORT nor HTTP_PORT"),
    (MCP, container(environment=[{"name": "HTTP_PORT", "value": "80"}]), "the load balancer sends to port 8080 of mcp"),
    (AUTH, container(environment=[{"name": "DATABASE_URL", "value": "x"}]), "not shared with an environment variable"),
    (AUTH, container(secrets=[{"name": "A", "valueFrom": "arn:aws:s3:::x"}]), "'valueFrom' of the secret A"),
    (
        AUTH,
        container(secrets=[{"name": "A"}]),
        'Missing required parameter in containerDefinitions[0].secrets[0]: "val',
    ),
]
SERVICES: list[Case] = [
    ("mcp-service", put(name="my mcp"), "Service name 'my mcp'"),
    ("mcp-service", put(cluster=None), "ClusterNotFoundException"),
    ("mcp-service", put(cluster="arn:aws:ecs:us-east-1:000000000000:cluster/other"), "cluster/other' does not exist"),
    ("mcp-service", put(taskDefinition=None), "TaskDefinition can not be blank"),
    ("mcp-service", put(launchType="FARGATE"), "Specifying both a launch type and capacity provider strategy"),
    ("mcp-service", put(capacityProviderStrategies=[]), "no container instance met all of its requirements"),
    ("mcp-service", within("capacityProviderStrategies", capacityProvider="SPOT"), "SPOT is not associated"),
    ("mcp-service", within("capacityProviderStrategies", weight=0), "must have a weight above 0"),
    ("mcp-service", within("capacityProviderStrategies", weight=1001), "weight must be a whole number from 0 to 1000"),
    ("mcp-service", within("capacityProviderStrategies", capacityProvider="FARGATE_SPOT"), "is more than once"),
    ("mcp-service", put(desiredCount=-1), "desiredCount must be a whole number from 0"),
    ("mcp-service", put(deploymentMaximumPercent=100), "Both maximumPercent and minimumHealthyPercent cannot be 100"),
    ("mcp-service", put(deploymentMaximumPercent=90), "must not be above maximumPercent 90"),
    ("mcp-service", put(deploymentMaximumPercent=150), "unable to place tasks: with 1 of 1 tasks running"),
    ("mcp-service", put(deploymentController={"type": "CODE_DEPLOY"}), "requires the deployment controller ECS"),
    ("mcp-service", put(deploymentController={"type": "ecs"}), "type must be one of ECS"),
    ("mcp-service", put(healthCheckGracePeriodSeconds=-1), "healthCheckGracePeriodSeconds must be"),
    ("mcp-service", put(propagateTags="YES"), "propagateTags must be one of"),
    ("mcp-service", put(availabilityZoneRebalancing="ON"), "availabilityZoneRebalancing must be one of"),
    ("mcp-service", put(schedulingStrategy="DAEMON"), "daemon scheduling strategy is not supported"),
    ("mcp-service", put(platformVersion="1.3.0"), "Service Connect requires the platform version 1.4.0"),
    ("mcp-service", put(networkConfiguration=None), "Network Configuration must be provided"),
    ("mcp-service", within("networkConfiguration", subnets=[]), "subnets can not be empty"),
    ("mcp-service", within("networkConfiguration", subnets=["subnet-1"]), "The subnet 'subnet-1' does not exist"),
    (
        "mcp-service",
        within("networkConfiguration", securityGroups=["sg-1"]),
        "The security group 'sg-1' does not exist",
    ),
    ("mcp-service", within("networkConfiguration", securityGroups=[f"sg-{n}" for n in range(6)]), "at most 5 items"),
    ("mcp-service", within("networkConfiguration", assignPublicIp="ENABLED"), "assignPublicIp must be true or false"),
    (
        "mcp-service",
        within("loadBalancers", containerName="web"),
        "The container web does not exist in the task definit",
    ),
    ("mcp-service", within("loadBalancers", containerPort=80), "did not have a container port 80 defined"),
    ("mcp-service", within("loadBalancers", targetGroupArn="arn:x"), "does not have an associated load balancer"),
    ("mcp-service", within("loadBalancers", targetGroupArn=None), "requires a targetGroupArn"),
    ("mcp-service", put(serviceConnectConfiguration=None), "AUTH_SERVICE: authsvc:9001 needs Service Connect"),
    ("mcp-service", within("serviceConnectConfiguration", enabled=False), "AUTH_SERVICE: authsvc:9001 needs Service"),
    ("mcp-service", within("serviceConnectConfiguration", enabled=None), "enabled is required"),
    ("mcp-service", within("serviceConnectConfiguration", namespace="other"), "NamespaceNotFoundException"),
    ("mcp-service", within("serviceConnectConfiguration", namespace=None), "requires a namespace"),
    ("authsvc-service", put(serviceConnectConfiguration=None), "mcp-service: AUTH_SERVICE: authsvc:9001 was not in"),
    (
        "authsvc-service",
        connect(portName="http"),
        "the portName http was not found in the task definition: it has grpc",
    ),
    ("authsvc-service", connect(portName=None), "portName is required"),
    ("authsvc-service", connect(discoveryName="Auth"), "discoveryName 'Auth' contains invalid characters"),
    ("authsvc-service", connect(discoveryName="chatsvc"), "the discoveryName chatsvc is taken by the service chatsvc"),
    ("authsvc-service", connect(clientAlias=[]), "must have one clientAlias, not 0"),
    ("authsvc-service", alias(port=9100), "AUTH_SERVICE: authsvc:9001 was not in the namespace"),
    ("authsvc-service", alias(port=0), "port must be a whole number from 1 to 65535"),
    ("authsvc-service", alias(dnsName="auth"), "AUTH_SERVICE: authsvc:9001 was not in the namespace"),
    ("authsvc-service", alias(dnsName="chatsvc", port=9004), "the clientAlias chatsvc:9004 is taken by the service"),
    ("authsvc-service", connect(timeout={"idleTimeoutSeconds": -1}), "idleTimeoutSeconds must be"),
    ("authsvc-service", put(desiredCount="two"), "desiredCount must be a whole number"),
    ("cluster-cluster", put(name="my cluster"), "Cluster name 'my cluster'"),
    ("cluster-cluster", within("settings", value="on"), "value must be one of enabled, disabled, enhanced"),
    ("cluster-capacity", put(capacityProviders=["FARGATE", "SPOT"]), "capacity provider 'SPOT' was not found"),
    ("cluster-capacity", put(capacityProviders=["FARGATE"]), "FARGATE_SPOT is not associated with the cluster"),
]


def in_account(account: str, **settings: Any) -> World:
    """The deployed program in an account with another number: a real one changes no refusal."""
    world = deployed(probe=True, **settings)
    for each in [found for kind in [*world.types, ecr.IMAGE] for found in world.store.find(kind)]:
        world.store.remove(each)
        properties = json.loads(json.dumps(each.properties).replace(ACCOUNT, account))
        world.store.put(replace(each, id=each.id.replace(ACCOUNT, account), account=account, properties=properties))
    return world.replace(account=account)


@pytest.mark.parametrize("account", [ACCOUNT, REAL])
@pytest.mark.parametrize("case", [*DEFINITIONS, *SERVICES], ids=lambda case: case[2][:40])
def test_a_change_of_a_task_or_a_service_is_refused_for_its_cause(case: Case, account: str) -> None:
    name, change, reason = case
    world = in_account(account)
    mutate(world, name, change)
    assert reason in "\n".join(refusals(world))


ACCEPTED: list[tuple[str, Change]] = [
    (MCP, put(cpu=".25 vCPU", memory="0.5 GB")),
    (MCP, put(ephemeralStorage={"sizeInGib": 21})),
    (MCP, put(requiresCompatibilities=["EC2", "FARGATE"])),
    (MCP, put(pidMode="task")),
    (MCP, put(tags={"team": "a"})),
    (MCP, container(cpu=256, memory=512, memoryReservation=256)),
    (MCP, container(user="nonroot:nonroot", healthCheck=None)),
    (MCP, container(linuxParameters={"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}})),
    (MCP, container(startTimeout=120, stopTimeout=120, privileged=False, environmentFiles=[])),
    (MCP, second(dependsOn=[{"containerName": "mcp", "condition": "HEALTHY"}])),
    (MCP, mapping(hostPort=0)),
    (MCP, logs(mode=None, max_buffer_size=None)),
    ("mcp-service", put(launchType="FARGATE", capacityProviderStrategies=None)),
    ("mcp-service", put(healthCheckGracePeriodSeconds=None, propagateTags=None, platformVersion="LATEST")),
    ("mcp-service", put(deploymentMinimumHealthyPercent=0, deploymentMaximumPercent=150)),
    ("authsvc-service", connect(discoveryName=None)),
    ("authsvc-service", put(healthCheckGracePeriodSeconds=30)),
]


@pytest.mark.parametrize("case", ACCEPTED, ids=[str(number) for number in range(len(ACCEPTED))])
def test_a_change_that_aws_takes_is_accepted(case: tuple[str, Change]) -> None:
    world = deployed(probe=True)
    mutate(world, *case)
    assert refusals(world) == []


def test_a_cycle_of_containers_is_refused() -> None:
    def depend(found: Any) -> None:
        found[0]["dependsOn"] = [{"containerName": "sidecar", "condition": "START"}]
        found.append({**sidecar(), "dependsOn": [{"containerName": "mcp", "condition": "START"}]})

    world = deployed()
    mutate(world, MCP, containers(depend))
    assert "the containers depend on each other in a circle" in "\n".join(refusals(world))
