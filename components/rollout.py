"""Checks that ECS runs the requested revisions: an update fails if ECS rolled back what it deployed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pulumi
import pulumi_aws as aws
from pulumi import ErrorHook, ErrorHookArgs, InvokeOutputOptions, Output, ResourceHook, ResourceHookArgs
from pulumi.runtime import is_dry_run
from pulumi_aws.ecs.outputs import GetServiceDeploymentResult

from config.problems import UserError

WHY = "`python -m ops why STACK {}` shows why."
NOT_DEPLOYED = "this update did not deploy it"
FIX = "If the revision is at fault, fix or revert it first."


class Deployment:
    """Whether this update deploys the ECS service: creates it, changes it, or completes a change that failed before.

    The engine calls the hooks: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.completed = False
        hook = ResourceHook(f"{name}-deployed", self._complete)
        self.hooks = pulumi.ResourceHookBinding(
            after_create=[hook], after_update=[hook], on_error=[ErrorHook(f"{name}-not-deployed", self._fail)]
        )

    def _complete(self, _: ResourceHookArgs) -> None:
        self.completed = True

    def _fail(self, args: ErrorHookArgs) -> bool:
        """Adds the commands to the provider's error. False: the engine does not try again."""
        if args.failed_operation != "delete":
            pulumi.log.warn(failure(self._name))
        return False


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """What this update requests of one ECS service."""

    service: aws.ecs.Service
    task_definition: Output[str]
    deployment: Deployment


def checked(rollouts: Mapping[str, Rollout]) -> Output[dict[str, str]]:
    """The ARNs of the services, by name. Raises UserError, after all services, if ECS does not run what it deployed.

    A service that this update did not deploy is a warning: somebody rolled it back with ECS, or `--target` left it out.
    So a failed rollout keeps no other service from its update.

    The provider does not report every rollback as an error, and the update after a time-out only reads the service,
    whose tasks ECS may still replace. Not detected: the rollback of a change that keeps the revision, such as one of
    the network configuration.
    """
    arns = cast("Output[dict[str, str]]", Output.from_input({key: each.service.arn for key, each in rollouts.items()}))
    if is_dry_run():
        return arns
    errors = [_error(name, each) for name, each in rollouts.items()]
    return Output.all(arns, Output.all(*errors)).apply(lambda values: require(values[0], values[1]))


def _error(name: str, rollout: Rollout) -> Output[str]:
    service = rollout.service
    live = aws.ecs.get_service_output(
        cluster_arn=service.cluster,
        service_name=service.name,
        opts=InvokeOutputOptions(parent=service, depends_on=[service]),
    )
    return Output.all(
        requested=rollout.task_definition,
        running=live.task_definition,
        tasks=live.running_count,
        in_progress=live.deployments.apply(is_in_progress),
    ).apply(lambda found: error(name, deployed=rollout.deployment.completed, **found))


def is_in_progress(deployments: Sequence[GetServiceDeploymentResult]) -> bool:
    """Whether ECS still replaces tasks. A deployment has succeeded when those of the former one are removed.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html (ACTIVE)
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentEarlySuccessCriteria.html
    """
    return any(each.status == "ACTIVE" for each in deployments)


def error(name: str, *, deployed: bool, requested: str, running: str, tasks: int, in_progress: bool) -> str:
    """The problem of a service that this update deployed; empty if there is none. Warns of another service's."""
    found = problem(name, deployed=deployed, requested=requested, running=running, tasks=tasks, in_progress=in_progress)
    if found and not deployed:
        pulumi.log.warn(found)
    return found if deployed else ""


def require(arns: dict[str, str], errors: Sequence[str]) -> dict[str, str]:
    """Returns the ARNs. Raises UserError with a line for each error."""
    if lines := [each for each in errors if each]:
        raise UserError("\n".join(lines))
    return arns


def problem(name: str, *, deployed: bool, requested: str, running: str, tasks: int, in_progress: bool) -> str:
    """The problem if ECS runs another revision, or no task, or still replaces tasks, and the command that ends it.

    Empty if there is none.
    """
    requested, running = (each.rsplit("/", 1)[-1] for each in (requested, running))
    if running != requested:
        what, why = f"ECS runs {running}, not {requested}", "the deployment was rolled back"
        retry = f"`pulumi up --refresh` deploys {requested} again."
    elif tasks < 1:
        what, why = f"no task of {requested} runs", "the deployment failed"
        retry = f"To deploy it again, increment redeploy.{name} in the stack file and run `pulumi up --refresh`."
    elif in_progress:
        what, why = f"the deployment of {requested} is in progress", "the update did not wait for it"
        retry = "Wait until ECS has completed it or rolled it back, then run `pulumi up --refresh`."
    else:
        return ""
    return f"{name}: {what}; {why if deployed else NOT_DEPLOYED}. {WHY.format(name)} {retry} {FIX}"


def failure(name: str) -> str:
    """The commands after an error of the provider, which does not know whether a revision runs."""
    return (
        f"{name}: the deployment failed. {WHY.format(name)} `pulumi up --refresh` deploys the revision again; if"
        f" no revision of the service ever ran, or only redeploy.{name} was changed, increment redeploy.{name} in the"
        f" stack file first. {FIX}"
    )
