"""The secrets of a task's containers."""

from __future__ import annotations

from collections.abc import Iterator

from config.fields import is_simulated
from ecs import types
from ecs.iam import secret_arn
from simulator.aws import iam
from simulator.aws.start.task import Task, start


def references(task: Task) -> list[str]:
    """The `valueFrom` of each secret."""
    return [secret["valueFrom"] for container in task.containers for secret in container.get("secrets", [])]


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def may_read(task: Task) -> Iterator[str]:
    """The execution role may read each secret."""
    for arn in map(secret_arn, references(task)):
        if not iam.allows(task.request, task.role, action := "secretsmanager:GetSecretValue", arn):
            yield f"ResourceInitializationError: {task.role} is not authorized to perform {action} on {arn}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html")
def secrets_exist(task: Task) -> Iterator[str]:
    """Each secret exists and has a version: the one that is named, or any."""
    for reference in references(task):
        arn = secret_arn(reference)
        if not is_simulated(arn.split(":")[4]):
            continue
        version = reference.split(":")[-1] if reference != arn else ""
        found = task.request.visible(types.SECRET_VERSION, secretId=arn)
        versions = [each.properties["versionId"] for each in found]
        if not task.request.visible(types.SECRET, arn=arn) or not versions or (version and version not in versions):
            yield f"ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {reference}"
