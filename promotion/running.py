"""What ECS runs. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/

Whoever asks needs ecs:DescribeServices and ecs:DescribeTaskDefinition in the account of the source stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SERVICES_A_CALL = 10
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""


class Ecs(Protocol):
    """Of boto3's client, what is used here."""

    def describe_services(self, *, cluster: str, services: list[str]) -> Any: ...
    def describe_task_definition(self, *, taskDefinition: str) -> Any: ...  # noqa: N803, boto3 gives the name


@dataclass(frozen=True, kw_only=True)
class Running:
    """What ECS says of one service, and of the revision that its newest deployment runs."""

    deployments: tuple[str, ...]
    """What each one is and how far it got, such as "PRIMARY COMPLETED"; more than one while a rollout goes on."""
    tasks: int
    desired: int
    revision: str
    """Family and number, such as mrgnl-mcp:7."""
    image: str
    """As the container of the service's name has it."""
    cpu_architecture: str
    """X86_64 or ARM64."""

    @property
    def is_steady(self) -> bool:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html"""
        return self.deployments == ("PRIMARY COMPLETED",) and self.tasks == self.desired > 0


def look(ecs: Ecs, *, cluster: str, services: Mapping[str, str]) -> dict[str, Running]:
    """What runs, by service; one that ECS does not have is left out. `services` gives their ARNs."""
    found: dict[str, Running] = {}
    names = {arn: name for name, arn in services.items()}
    for arns in _some(sorted(names), SERVICES_A_CALL):
        for service in ecs.describe_services(cluster=cluster, services=arns)["services"]:
            if service["status"] == "ACTIVE" and service["deployments"]:
                name = names[service["serviceArn"]]
                found[name] = _running(ecs, name, service)
    return found


def _running(ecs: Ecs, name: str, service: dict[str, Any]) -> Running:
    deployments = sorted(service["deployments"], key=lambda each: each["status"] != "PRIMARY")
    arn: str = deployments[0]["taskDefinition"]
    revision = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    images = [each["image"] for each in revision["containerDefinitions"] if each["name"] == name]
    return Running(
        deployments=tuple(f"{each['status']} {each.get('rolloutState', '')}".strip() for each in deployments),
        tasks=service["runningCount"],
        desired=service["desiredCount"],
        revision=arn.rsplit("/", 1)[-1],
        image=images[0] if images else "",
        # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
        cpu_architecture=revision.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64"),
    )


def _some(of: list[str], at_most: int) -> Iterable[list[str]]:
    return (of[start : start + at_most] for start in range(0, len(of), at_most))
