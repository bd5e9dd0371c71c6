"""What the simulated cloud refuses of changes of the program's task definitions."""

from __future__ import annotations

from typing import Any

import pytest

from simulator.store import Properties
from tests.program.mutations import (
    ACCOUNTS,
    Case,
    Change,
    assert_refused,
    containers,
    deployed,
    mutate,
    put,
    refusals,
    within,
)


def container(**changes: Any) -> Change:
    """Changes of fields of the first container; None removes a field."""
    return containers(lambda found: put(**changes)(found[0]))


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


def overcommit(found: Any) -> None:
    """Two containers whose limits of memory, together, are above the memory of the task, and their reservations not."""
    memory = {"memory": 512, "memoryReservation": 128}
    found[0].update(memory)
    found.append({**sidecar(), **memory})


def sidecar() -> Properties:
    return {"name": "sidecar", "image": "public.ecr.aws/docker/library/busybox:1", "essential": False}


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
    (MCP, put(requiresCompatibilities=["FARGAT"]), "requiresCompatibilities[0] 'FARGAT' is not one of EC2"),
    (MCP, put(requiresCompatibilities=["EC2"]), "Task definition does not support launch_type FARGATE"),
    (
        MCP,
        within("runtimePlatform", cpuArchitecture="AMD64"),
        "runtimePlatform.cpuArchitecture 'AMD64' is not one of ARM64",
    ),
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
    (MCP, container(memory=1024, memoryReservation=256), "The 'memory' setting for container 'mcp' is greater than"),
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
    (MCP, put(volumes=None), "Unknown volume 'tmp' in the mount points of mcp"),
    (
        MCP,
        container(mountPoints=[{"sourceVolume": "tmp", "containerPath": "tmp"}]),
        "'tmp' mount path must be absolute",
    ),
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
    (MCP, logs(awslogs_region="eu-west-1"), "the log group /ecs/mrgnl-mcp does not exist in eu-west-1"),
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


@ACCOUNTS
@pytest.mark.parametrize("case", DEFINITIONS, ids=lambda case: case[2][:40])
def test_a_change_of_a_task_is_refused_for_its_cause(case: Case, account: str) -> None:
    name, change, reason = case
    world = deployed(account=account, probe=True)
    mutate(world, name, change)
    assert_refused(world, reason)


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
    (MCP, container(ulimits=[{"name": "memlock", "softLimit": 65536, "hardLimit": -1}])),
    (MCP, containers(overcommit)),
    (MCP, container(environment=[{"name": "HTTP_PORT", "value": "8080"}] * 2)),
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
    assert_refused(world, "the containers depend on each other in a circle")
