"""The task definitions that the deployments of a service deployed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.deployments import SUCCESSFUL, definitions, listed
from ops.ecs import short
from ops.errors import code
from ops.service import Service

PERMISSIONS = ("ecs:DescribeServiceRevisions", "ecs:ListServiceDeployments")


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One deployment of a service."""

    arn: str
    status: str
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeploymentBrief.html"""
    task_definition: str
    """The ARN of the deployed revision; empty if ECS has forgotten it."""

    @property
    def revision(self) -> str:
        """Family and revision, such as mrgnl-promptsvc:7."""
        return short(self.task_definition)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A revision of a task definition."""

    revision: str
    """Family and revision, such as mrgnl-promptsvc:7."""
    image: str
    """The image of the container with the service's name; empty without one."""
    secrets: Mapping[str, str]
    """The `valueFrom` of each secret of that container, by environment variable. ARNs, no value."""
    is_active: bool
    """Whether a service may still be updated to it."""


def deployments(service: Service, statuses: Collection[str]) -> list[Deployment]:
    """The service's deployments with one of these statuses, newest first."""
    found = listed(service.ecs, **service.address, statuses=statuses)
    known = definitions(service.ecs, [each.target for each in found])
    return [Deployment(arn=each.arn, status=each.status, task_definition=known.get(each.target, "")) for each in found]


def definition(service: Service, revision: str) -> Definition | None:
    """A revision by its ARN, or as `family:revision`; None if ECS does not have it."""
    try:
        found = service.ecs.describe_task_definition(taskDefinition=revision)["taskDefinition"]
    except ClientError as error:
        if code(error) == "ClientException":
            return None
        raise
    containers = [each for each in found["containerDefinitions"] if each["name"] == service.name]
    container: dict[str, Any] = containers[0] if containers else {}
    return Definition(
        revision=short(found["taskDefinitionArn"]),
        image=container.get("image", ""),
        secrets={each["name"]: each["valueFrom"] for each in container.get("secrets", [])},
        is_active=found.get("status", "ACTIVE") == "ACTIVE",
    )


def succeeded(service: Service) -> list[Definition]:
    """The revisions of the deployments that succeeded, newest first, without those that cannot be deployed again."""
    arns = [each.task_definition for each in deployments(service, [SUCCESSFUL]) if each.task_definition]
    found = {arn: definition(service, arn) for arn in dict.fromkeys(arns)}
    return [each for arn in arns if (each := found[arn]) and each.is_active]
