"""A task that a service would start on Fargate, and the checks of what it needs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ecs import fargate
from simulator.aws import access
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

    @property
    def containers(self) -> list[Properties]:
        return json.loads(self.definition["containerDefinitions"])

    @property
    def network(self) -> dict[str, Any]:
        """`networkConfiguration`, with subnets, securityGroups and assignPublicIp."""
        return self.service["networkConfiguration"]

    @property
    def subnets(self) -> list[str]:
        return self.network["subnets"]

    @property
    def groups(self) -> list[str]:
        """The IDs of the security groups."""
        return self.network["securityGroups"]

    @property
    def role(self) -> str:
        """The ARN of the execution role; empty if there is none."""
        return self.definition.get("executionRoleArn") or ""

    @cached_property
    def execution_role(self) -> access.Role | None:
        """The execution role; None if there is none or it does not exist."""
        return access.load(self.request, self.role)

    @cached_property
    def task_role(self) -> access.Role | None:
        return access.load(self.request, self.definition.get("taskRoleArn"))

    @property
    def platform(self) -> str:
        return PLATFORM[self.definition["runtimePlatform"]["cpuArchitecture"]]


start = Checks[Task]("a task that would start")
"""The reasons have the words of stopped tasks:
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""
