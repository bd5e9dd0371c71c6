"""Checks whether an ECS task would start on Fargate, with the errors of stopped tasks.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from config.fields import is_simulated
from ecs import fargate, types
from ecs.iam import PULL_ACTIONS, secret_arn
from ecs.image import REFERENCE, Reference
from ecs.network import INTERNET, NEEDED_ENDPOINTS
from simulator.aws import ec2, ecr, iam
from simulator.cloud import Request
from simulator.store import Properties

PLATFORM = {cpu: fargate.PLATFORM[name] for name, cpu in fargate.CPU_ARCHITECTURE.items()}
"""The platform of an image by `cpuArchitecture`."""


def stopped_reasons(request: Request, task: Properties) -> Iterator[str]:
    """The reasons why tasks of this task definition stop in the service that `request` creates or updates."""
    network: dict[str, Any] = request.inputs["networkConfiguration"]
    yield from _network_errors(request, network)
    role = task["executionRoleArn"]
    for container in json.loads(task["containerDefinitions"]):
        platform = PLATFORM[task["runtimePlatform"]["cpuArchitecture"]]
        yield from _pull_errors(request, role, container["image"], platform)
        for secret in container.get("secrets", []):
            yield from _secret_errors(request, role, secret["valueFrom"])
        log_options = container.get("logConfiguration", {}).get("options", {})
        yield from _log_errors(request, role, log_options.get("awslogs-group"))
        yield from _service_connect_errors(request, container.get("environment", []))


def _network_errors(request: Request, network: dict[str, Any]) -> Iterator[str]:
    """The task's network interface pulls the image and reads secrets: it needs a route and security group rules.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
    """
    groups: list[str] = network["securityGroups"]
    for subnet in network["subnets"]:
        if ec2.has_internet_route(request, subnet, public=bool(network.get("assignPublicIp"))):
            if not ec2.allows_egress(request, groups, cidrIpv4=INTERNET):
                yield "ResourceInitializationError: unable to pull registry auth: no egress rule for port 443"
        elif missing := list(ec2.missing_endpoints(request, subnet, groups, (*NEEDED_ENDPOINTS, "s3"))):
            yield (
                f"ResourceInitializationError: unable to pull registry auth: {subnet} has no route out"
                f" and no reachable endpoint for {', '.join(missing)}"
            )


def _pull_errors(request: Request, role: str, text: str, platform: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html"""
    if not re.fullmatch(REFERENCE, text):
        return  # the simulator knows only images in private registries, by digest
    image = Reference.parse(text)
    required = {"ecr:GetAuthorizationToken": "*", **dict.fromkeys(PULL_ACTIONS, image.repository.arn)}
    for action, resource in required.items():
        if not iam.allows(request, role, action, resource):
            yield f"CannotPullContainerError: {role} is not authorized to perform {action} on {resource}"
    for error in ecr.pull_errors(request, image):
        yield f"CannotPullContainerError: {error}"
    if (built := ecr.platform(request.cloud.store, image)) not in (None, platform):
        yield f"CannotPullContainerError: {image} was built for {built}, not for {platform}"


def _secret_errors(request: Request, role: str, reference: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    arn = secret_arn(reference)
    if not iam.allows(request, role, "secretsmanager:GetSecretValue", arn):
        yield f"ResourceInitializationError: {role} is not authorized to perform secretsmanager:GetSecretValue on {arn}"
    if not is_simulated(arn.split(":")[4]):
        return
    version = reference.split(":")[-1] if reference != arn else ""
    versions = [each.properties["versionId"] for each in request.visible(types.SECRET_VERSION, secretId=arn)]
    if not request.visible(types.SECRET, arn=arn) or not versions or (version and version not in versions):
        yield f"ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {reference}"


def _log_errors(request: Request, role: str, group: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html"""
    groups = request.visible(types.LOG_GROUP, name=group)
    if not groups:
        yield f"ResourceInitializationError: failed to validate logger args: the log group {group} does not exist"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        for each in groups:
            if not iam.allows(request, role, action, f"{each.properties['arn']}:*"):
                yield f"ResourceInitializationError: {role} is not authorized to perform {action} on {group}"


def _service_connect_errors(request: Request, environment: list[dict[str, str]]) -> Iterator[str]:
    """A task resolves only the names that were in its namespace when it started.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html
    """
    namespace = request.inputs["serviceConnectConfiguration"]["namespace"]
    known = {
        f"{alias['dnsName']}:{alias['port']:.0f}"
        for other in request.visible(types.SERVICE)
        if other.properties["serviceConnectConfiguration"]["namespace"] == namespace
        for service in other.properties["serviceConnectConfiguration"].get("services", [])
        for alias in service["clientAlias"]
    }
    for variable in environment:
        if variable["name"].endswith("_SERVICE") and variable["value"] not in known:
            yield f"{variable['name']}: {variable['value']} was not in the namespace when the task started"
