"""A task definition on Fargate and the roles that ECS assumes for its tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi_aws as aws
from pulumi import Output, ResourceOptions

from components.platform import Platform
from ecs import container, iam
from ecs.fargate import CPU_ARCHITECTURE, Size


def role(name: str, platform: Platform, statements: Sequence[iam.Statement], opts: ResourceOptions) -> aws.iam.Role:
    """A role that tasks assume. CI may create roles whose names have `-task-` in them: bootstrap/actions/compute.py."""
    trust = iam.trusted_by_tasks(platform.account, platform.region)
    found = aws.iam.Role(
        name,
        assume_role_policy=iam.document([trust]),
        permissions_boundary=platform.permissions_boundary,
        opts=opts,
    )
    if statements:
        aws.iam.RolePolicy(f"{name}-policy", role=found.name, policy=iam.document(statements), opts=opts)
    return found


def definition(
    name: str,
    platform: Platform,
    *,
    family: str,
    size: Size,
    execution_role: aws.iam.Role,
    task_role: aws.iam.Role,
    containers: Sequence[dict[str, Any]],
    opts: ResourceOptions,
) -> aws.ecs.TaskDefinition:
    return aws.ecs.TaskDefinition(
        name,
        family=family,
        requires_compatibilities=["FARGATE"],
        network_mode="awsvpc",
        cpu=str(size.cpu),
        memory=str(size.memory),
        runtime_platform=aws.ecs.TaskDefinitionRuntimePlatformArgs(
            operating_system_family="LINUX", cpu_architecture=CPU_ARCHITECTURE[platform.architecture]
        ),
        execution_role_arn=execution_role.arn,
        task_role_arn=task_role.arn,
        volumes=[aws.ecs.TaskDefinitionVolumeArgs(name=container.TEMPORARY)],
        container_definitions=Output.json_dumps(containers, sort_keys=True),
        # A rollback runs the former revision, which must stay registered.
        skip_destroy=True,
        opts=opts,
    )
