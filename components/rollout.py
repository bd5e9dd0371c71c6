"""Whether ECS runs what it was asked to run."""

from __future__ import annotations

import pulumi_aws as aws
from pulumi import InvokeOutputOptions, Output, Resource, RunError
from pulumi.runtime import is_dry_run


def checked(service: aws.ecs.Service, *, task_definition: Output[str], parent: Resource) -> Output[str]:
    """The service's ARN, once ECS runs this revision. Raises RunError otherwise, in this update and in each later one.

    The provider does not always take a finished rollback for an error; and after one that it did, Pulumi's state holds
    the new revision all the same, so that the next update has nothing to do. Not seen here: the rollback of a change
    that keeps the revision, such as one of the network.
    """
    if is_dry_run():
        return service.arn
    live = aws.ecs.get_service_output(
        cluster_arn=service.cluster,
        service_name=service.name,
        opts=InvokeOutputOptions(parent=parent, depends_on=[service]),
    )
    return Output.all(service.arn, service.name, task_definition, live.task_definition, live.running_count).apply(
        lambda values: require(values[0], name=values[1], asked=values[2], running=values[3], tasks=values[4])
    )


def require(arn: str, *, name: str, asked: str, running: str, tasks: int) -> str:
    """The ARN again. Raises RunError when another revision runs, or no task at all: a first rollout that failed."""
    if running == asked and tasks < 1:
        raise RunError(
            f"{name}: no task of {_revision(asked)} runs: its first rollout failed. The service's events and its log"
            " group say why. This check fails until one runs."
        )
    if running != asked:
        raise RunError(
            f"{name}: ECS runs {_revision(running)}, not {_revision(asked)} as asked: the rollout was rolled back."
            " The service's events and its log group say why. This check fails until what was asked for runs."
        )
    return arn


def _revision(task_definition_arn: str) -> str:
    return task_definition_arn.rsplit("/", 1)[-1]
