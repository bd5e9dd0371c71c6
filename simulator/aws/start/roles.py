"""The roles of a task, which ECS assumes."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from simulator.aws.conditions import SOMETHING, Context, all_of
from simulator.aws.permissions import Statement, applies, names_service, read
from simulator.aws.start.image import references
from simulator.aws.start.task import Task, start
from simulator.cloud import Request

SERVICE = "ecs-tasks.amazonaws.com"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def has_an_execution_role(task: Task) -> Iterator[str]:
    """A task with an image in ECR has an execution role."""
    if not task.role and references(task):
        yield "ClientException: Fargate requires task definition to have execution role ARN to support ECR images"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html")
def roles_can_be_assumed(task: Task) -> Iterator[str]:
    """ECS may assume the execution role and the task role, for tasks of this account and region."""
    for arn in filter(None, dict.fromkeys([task.role, task.definition.get("taskRoleArn")])):
        for reason in refusals(task.request, arn, SERVICE, _context(task.request)):
            yield f"ECS was unable to assume the role '{arn}' that was provided for this task: {reason}"


def refusals(request: Request, arn: str, service: str, context: Context) -> Iterator[str]:
    """Why a service of AWS may not assume the role. `context`: the condition keys that are known."""
    roles = request.visible(types.ROLE, arn=arn)
    if not roles:
        yield "the role does not exist"
    for role in roles:
        name = role.urn or role.id
        statements = read(role.properties.get("assumeRolePolicy", ""))
        about = [each for each in statements if names_service(each, service) is not False]
        allowing = [each for each in about if each.get("Effect") == "Allow"]
        found = [(each, _applies(each, arn, service, context)) for each in about]
        if any(each.get("Effect") == "Deny" and applied for each, applied in found):
            yield f"the trust policy of {name} denies it"
        elif not allowing:
            yield f"the trust policy of {name} does not allow {service}"
        elif not any(_is_about_the_action(each, arn) for each in allowing):
            yield f"the trust policy of {name} does not allow sts:AssumeRole"
        elif all(applied is False for each, applied in found if each in allowing):
            yield f"the conditions in the trust policy of {name} do not hold for {request.account} in {request.region}"


def _applies(statement: Statement, arn: str, service: str, context: Context) -> bool | None:
    return all_of([names_service(statement, service), applies(statement, "sts:AssumeRole", arn, context)])


def _is_about_the_action(statement: Statement, arn: str) -> bool:
    return applies({**statement, "Condition": {}}, "sts:AssumeRole", arn, {}) is not False


def _context(request: Request) -> Context:
    """The condition keys that are known when ECS assumes a role; which resource of ECS does it is not documented.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cross-service-confused-deputy-prevention.html
    """
    return {
        "aws:MultiFactorAuthPresent": None,
        "aws:SourceAccount": request.account,
        "aws:SourceArn": f"arn:aws:ecs:{request.region}:{request.account}:{SOMETHING}",
        "sts:ExternalId": None,
    }
