"""A task that a service would start on Fargate, and the checks of what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ecs import fargate
from simulator.aws import access, ecs_definition
from simulator.aws.values import mapping, text, texts
from simulator.check import Checks
from simulator.cloud import Request
from simulator.store import Properties

PLATFORM = {cpu: fargate.PLATFORM[name] for name, cpu in fargate.CPU_ARCHITECTURE.items()}
"""The platform of an image by `cpuArchitecture`."""


@dataclass(frozen=True, kw_only=True)
class Task:
    request: Request
    """The create or update of the service."""
    definition: Properties
    """The task definition."""

    @property
    def service(self) -> Properties:
        return self.request.inputs

    @cached_property
    def containers(self) -> list[Properties]:
        """The container definitions, each with a name and an image; none if one is malformed."""
        return [{"name": "", "image": "", **each} for each in ecs_definition.containers(self.definition)]

    @property
    def network(self) -> dict[str, Any]:
        """`networkConfiguration`, with subnets, securityGroups and assignPublicIp."""
        return mapping(self.service.get("networkConfiguration"))

    @property
    def subnets(self) -> list[str]:
        return texts(self.network.get("subnets"))

    @property
    def groups(self) -> list[str]:
        """The IDs of the security groups."""
        return texts(self.network.get("securityGroups"))

    @property
    def role(self) -> str:
        """The ARN of the execution role; empty if there is none."""
        return text(self.definition.get("executionRoleArn"))

    @cached_property
    def execution_role(self) -> access.Role | None:
        """The execution role; None if there is none or it does not exist."""
        return access.load(self.request, self.role)

    @cached_property
    def task_role(self) -> access.Role | None:
        return access.load(self.request, self.definition.get("taskRoleArn"))

    @property
    def platform(self) -> str:
        """Linux on X86_64 by default.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
        """
        platform = mapping(self.definition.get("runtimePlatform"))
        if text(platform.get("operatingSystemFamily")).startswith("WINDOWS"):
            return "windows/amd64"
        return PLATFORM.get(text(platform.get("cpuArchitecture")), PLATFORM["X86_64"])


start = Checks[Task]("a task that would start")
"""The reasons have the words of stopped tasks:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""


def variables(container: Properties) -> dict[str, str]:
    """The environment variables of a container."""
    return {each.get("name", ""): each.get("value", "") for each in container.get("environment", [])}


PORT_VARIABLES = {"GRPC_PORT": "grpc", "HTTP_PORT": "http"}
"""The variables that tell a service of Marginalia its port, and the protocol that it speaks there: docs/services.md."""


def is_service(container: Properties) -> bool:
    """Whether the container runs a service of Marginalia, whose image has image/Dockerfile, and no other image."""
    return not PORT_VARIABLES.keys().isdisjoint(variables(container))
