"""Checks that ECS runs the requested revision: an update fails if ECS rolled the deployment back."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import InvokeOutputOptions, Output, Resource
from pulumi.runtime import is_dry_run

from config.problems import UserError


def checked(service: aws.ecs.Service, *, task_definition: Output[str], parent: Resource) -> Output[str]:
    """The service's ARN, once ECS runs this revision. Raises UserError in this and each later update otherwise.

    The provider does not report every rollback as an error. When it does, Pulumi's state has the new revision already,
    so the next update would find no difference. Not detected: the rollback of a change that keeps the revision, such as
    one of the network configuration.
    """
    if is_dry_run():
        return service.arn
    live = aws.ecs.get_service_output(
        cluster_arn=service.cluster,
        service_name=service.name,
        opts=InvokeOutputOptions(parent=parent, depends_on=[service]),
    )
    return Output.all(service.arn, service.name, task_definition, live.task_definition, live.running_count).apply(
        lambda values: require(values[0], name=values[1], requested=values[2], running=values[3], tasks=values[4])
    )


def require(arn: str, *, name: str, requested: str, running: str, tasks: int) -> str:
    """Returns the ARN. Raises UserError if another revision runs or, after a failed first deployment, no task."""
    if running == requested and tasks < 1:
        raise UserError(
            f"{name}: no task of {_revision(requested)} runs; the first deployment failed. See the service's events and"
            " its log group. Updates fail until a task runs."
        )
    if running != requested:
        raise UserError(
            f"{name}: ECS runs {_revision(running)}, not {_revision(requested)}; the deployment was rolled back. See"
            " the service's events and its log group. Updates fail until the requested revision runs."
        )
    return arn


def _revision(task_definition_arn: str) -> str:
    return task_definition_arn.rsplit("/", 1)[-1]
