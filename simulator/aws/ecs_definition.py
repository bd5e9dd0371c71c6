"""What RegisterTaskDefinition accepts of a task.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ecs import fargate, types
from ecs.image import REFERENCE
from simulator.aws import ecs_model
from simulator.aws.values import is_known, mapping, mappings, number, other_than, outside, repeated, text, texts
from simulator.check import Checks
from simulator.cloud import Request
from simulator.store import Properties

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"
CONTAINER = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
FARGATE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html"
EXECUTION_ROLE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"
OS_FAMILIES = ("LINUX", *(f"WINDOWS_SERVER_{year}_{kind}" for year in (2019, 2022, 2025) for kind in ("FULL", "CORE")))
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-task-os"""

definition = Checks[Request](types.TASK_DEFINITION)


def containers(definition: Properties) -> list[Properties]:
    """The container definitions; none if one is malformed, which `containers_are_well_formed` reports."""
    return ecs_model.parse(definition.get("containerDefinitions")).containers


def is_for_fargate(inputs: Properties) -> bool:
    """Whether the task must be valid for Fargate. So it must without a value: the simulator has no other capacity."""
    return "FARGATE" in texts(inputs.get("requiresCompatibilities")) or not inputs.get("requiresCompatibilities")


@definition(API, confirmed="botocore")
def containers_are_well_formed(request: Request) -> Iterator[str]:
    """Container definitions are JSON with the names, types, required members and values of the API.

    The provider drops an unknown field without a word, so it would have no effect.
    """
    for problem in ecs_model.parse(request.inputs.get("containerDefinitions")).problems:
        yield f"ClientException: {problem}"
    if request.inputs.get("containerDefinitions") is None:
        yield "ClientException: containerDefinitions is required"


@definition(API, confirmed="CloudFormation schema")
def the_family_is_a_name(request: Request) -> Iterator[str]:
    """A family has up to 255 letters, numbers, underscores and hyphens."""
    family = request.inputs.get("family")
    if family is None or (is_known(family) and not re.fullmatch(r"[0-9A-Za-z_-]{1,255}", str(family))):
        yield f"ClientException: Family contains invalid characters: {family!r}"


@definition(CONTAINER)
def there_is_an_essential_container(request: Request) -> Iterator[str]:
    """A task has at least one container, and at least one is essential."""
    parsed = ecs_model.parse(text(request.inputs.get("containerDefinitions")) or None)
    if text(request.inputs.get("containerDefinitions")) and not parsed.problems and not parsed.containers:
        yield "ClientException: Container list cannot be empty"
    if parsed.containers and not any(each.get("essential", True) for each in parsed.containers):
        yield "ClientException: at least one container of a task must be essential"


@definition(API)
def the_size_is_one_of_fargate(request: Request) -> Iterator[str]:
    """A task on Fargate has a pair of CPU and memory that Fargate has."""
    if not is_for_fargate(request.inputs):
        return
    cpu, memory = (_units(request.inputs.get(key)) for key in ("cpu", "memory"))
    for key in ("cpu", "memory"):
        if request.inputs.get(key) is None:
            yield f"ClientException: Fargate requires that '{key}' be defined at the task level."
        elif is_known(request.inputs[key]) and _units(request.inputs[key]) is None:
            yield f"ClientException: Invalid '{key}' setting for task: {request.inputs[key]!r}"
    if cpu is not None and memory is not None and memory not in fargate.MEMORY.get(cpu, ()):
        yield f"ClientException: No Fargate configuration exists for given values: {cpu} CPU, {memory} memory"


def _units(value: Any) -> int | None:
    """CPU units or MiB; also of the form `1 vCPU` or `2 GB`."""
    if match := re.fullmatch(r"(\d+|\d*\.\d+) ?(vcpu|gb)", str(value), re.IGNORECASE):
        return int(float(match[1]) * 1024)
    return number(value)


@definition(FARGATE)
def the_network_mode_is_awsvpc(request: Request) -> Iterator[str]:
    """A task on Fargate has the network mode awsvpc."""
    mode = request.inputs.get("networkMode")
    if is_for_fargate(request.inputs) and (mode is None or is_known(mode)) and mode != "awsvpc":
        yield "ClientException: Fargate only supports network mode 'awsvpc'"


@definition(API, confirmed="botocore")
def compatibilities_are_launch_types(request: Request) -> Iterator[str]:
    """Each required compatibility is a launch type."""
    for each in texts(request.inputs.get("requiresCompatibilities")):
        allowed = ("EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES")
        yield from other_than(
            "ClientException", {"requiresCompatibilities": each}, [("requiresCompatibilities", allowed)]
        )


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html", confirmed="botocore")
def the_runtime_platform_is_one_of_fargate(request: Request) -> Iterator[str]:
    """The architecture and the operating system are ones that Fargate has; Windows has no ARM64 and no small task."""
    platform = mapping(request.inputs.get("runtimePlatform"))
    allowed = [("cpuArchitecture", fargate.CPU_ARCHITECTURE.values()), ("operatingSystemFamily", OS_FAMILIES)]
    yield from other_than("ClientException", platform, allowed)
    if text(platform.get("operatingSystemFamily")).startswith("WINDOWS"):
        if platform.get("cpuArchitecture") == "ARM64":
            yield "ClientException: Windows on Fargate has no cpuArchitecture ARM64"
        if (cpu := _units(request.inputs.get("cpu"))) is not None and cpu < 1024:
            yield f"ClientException: Windows on Fargate requires at least 1024 CPU units, not {cpu}"


@definition(EXECUTION_ROLE)
def an_execution_role_is_given_where_ecs_acts_for_the_task(request: Request) -> Iterator[str]:
    """Secrets require an execution role, and so do images in ECR and the log driver awslogs on Fargate."""
    if request.inputs.get("executionRoleArn"):
        return
    found, on_fargate = containers(request.inputs), is_for_fargate(request.inputs)
    requires = "ClientException: Fargate requires task definition to have execution role ARN to support"
    if on_fargate and any(re.fullmatch(REFERENCE, each.get("image", "")) for each in found):
        yield f"{requires} ECR images: executionRoleArn is missing"
    if on_fargate and any(each.get("logConfiguration", {}).get("logDriver") == "awslogs" for each in found):
        yield f"{requires} log driver awslogs: executionRoleArn is missing"
    if any(each.get("secrets") for each in found):
        yield "ClientException: container secrets need a value for 'executionRoleArn'"


# ECS itself takes the short name of a task role. verify.ValidARN:
# https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/task_definition.go
@definition(API, confirmed="provider")
def roles_are_arns(request: Request) -> Iterator[str]:
    """A role is named by its ARN."""
    for key in ("executionRoleArn", "taskRoleArn"):
        arn = text(request.inputs.get(key))
        if arn and not re.fullmatch(r"arn:aws[\w-]*:iam::\d{12}:role/.+", arn):
            yield f"ClientException: {key} {arn!r} is not the ARN of a role"


@definition(API, confirmed="CloudFormation schema")
def the_ephemeral_storage_is_within_its_limits(request: Request) -> Iterator[str]:
    """Ephemeral storage that is set has 21 to 200 GiB."""
    storage = mapping(request.inputs.get("ephemeralStorage"))
    yield from outside("ClientException", storage, [("sizeInGib", 21, 200)])


@definition(FARGATE)
def fargate_supports_the_parameters_of_the_task(request: Request) -> Iterator[str]:
    """A task on Fargate has no IPC mode, no placement constraints, and no process namespace of a host."""
    if is_for_fargate(request.inputs):
        for key in ("ipcMode", "placementConstraints", "inferenceAccelerators"):
            if request.inputs.get(key):
                yield f"ClientException: Fargate does not support {key}"
        yield from other_than("ClientException", request.inputs, [("pidMode", ("task",))])


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Volume.html")
def volumes_are_ones_of_fargate(request: Request) -> Iterator[str]:
    """A volume on Fargate has a unique name and lies on no host."""
    volumes = mappings(request.inputs.get("volumes"))
    for name in repeated(text(each.get("name")) for each in volumes):
        yield f"ClientException: the volume name {name} is not unique"
    for each in volumes:
        name = text(each.get("name"))
        if not re.fullmatch(r"[0-9A-Za-z_-]{1,255}", name):
            yield f"ClientException: the volume name {name!r} contains invalid characters"
        if is_for_fargate(request.inputs) and (each.get("dockerVolumeConfiguration") or each.get("hostPath")):
            yield f"ClientException: Fargate does not support a volume on the host: {name}"


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_MountPoint.html")
def mounted_volumes_exist(request: Request) -> Iterator[str]:
    """A mount point names a volume of the task."""
    volumes = {text(each.get("name")) for each in mappings(request.inputs.get("volumes"))}
    for container in containers(request.inputs):
        for each in container.get("mountPoints", []):
            if (name := each.get("sourceVolume", "")) not in volumes:
                yield f"ClientException: Unknown volume '{name}' in the mount points of {container.get('name')}"


@definition(CONTAINER)
def containers_fit_into_the_task(request: Request) -> Iterator[str]:
    """The containers reserve no more CPU and memory than the task has; the limit of memory counts without one."""
    found = containers(request.inputs)
    reserved = {
        "cpu": sum(each.get("cpu", 0) for each in found),
        "memory": sum(each.get("memoryReservation", each.get("memory", 0)) for each in found),
    }
    for key, needed in reserved.items():
        has = _units(request.inputs.get(key))
        if has is not None and needed > has:
            yield f"ClientException: the {key} of the containers is {needed}, more than that of the task, {has}"


# https://github.com/pulumi/pulumi-awsx/issues/1220
@definition(CONTAINER, confirmed="recorded answer")
def limits_of_memory_fit_into_the_task(request: Request) -> Iterator[str]:
    """A container's limit of memory is not above the memory of the task."""
    has = _units(request.inputs.get("memory"))
    for each in containers(request.inputs):
        if has is not None and each.get("memory", 0) > has:
            name = each.get("name")
            yield f"ClientException: The 'memory' setting for container '{name}' is greater than for the task."
