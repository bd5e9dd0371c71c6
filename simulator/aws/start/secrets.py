"""The secrets of a task's containers."""

from __future__ import annotations

from collections.abc import Iterator

from ecs.iam import secret_arn
from simulator.aws import access, kms, secretsmanager
from simulator.aws.conditions import Context
from simulator.aws.start.task import Task, start
from simulator.aws.values import mapping
from simulator.cloud import as_list

UNREAD = "ResourceInitializationError: unable to pull secrets or registry auth"
PAGE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"


def references(task: Task) -> list[str]:
    """The `valueFrom` of each secret."""
    return [
        str(mapping(secret).get("valueFrom"))
        for container in task.containers
        for secret in as_list(container.get("secrets"))
    ]


def of_secrets_manager(task: Task) -> list[str]:
    """The references to Secrets Manager. The others name parameters of Systems Manager."""
    return [each for each in references(task) if ":secretsmanager:" in each]


@start(PAGE)
def references_are_complete(task: Task) -> Iterator[str]:
    """A reference is a secret's ARN, alone or with JSON key, version stage and version id, which may be empty."""
    for reference in of_secrets_manager(task):
        if reference.count(":") not in (6, 9):
            yield (
                f"{UNREAD}: unexpected ARN format with parameters when trying to retrieve ASM secret: {reference}"
                " is not <ARN of the secret>:<JSON key>:<version stage>:<version id>"
            )


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def may_read(task: Task) -> Iterator[str]:
    """The execution role may read each secret, by its own policies and by the secret's."""
    if not (role := task.execution_role):
        return
    for reference in dict.fromkeys(references(task)):
        action, resource = _read(task, reference)
        guards = secretsmanager.stored(task.request, resource)
        context = {**_context(task, reference), "secretsmanager:SecretId": resource}
        owner = resource.split(":")[4]
        reason = role.refusal(action, resource, guards=guards, owner=owner or None, context=context)
        if reason:
            refused = f"{task.role} is not authorized to perform {action} on {resource}: {reason}"
            yield f"ResourceInitializationError: {refused}"


def _read(task: Task, reference: str) -> tuple[str, str]:
    """The action and the resource of a read.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html
    """
    if ":secretsmanager:" in reference:
        return "secretsmanager:GetSecretValue", secret_arn(reference)
    if reference.startswith("arn:"):
        return "ssm:GetParameters", reference
    of_account = f"arn:aws:ssm:{task.request.region}:{task.request.account}:parameter"
    return "ssm:GetParameters", f"{of_account}/{reference.removeprefix('/')}"


def _context(task: Task, reference: str) -> Context:
    service = "secretsmanager" if ":secretsmanager:" in reference else "ssm"
    known: dict[str, str] = {"aws:RequestedRegion": reference.split(":")[3]} if reference.startswith("arn:") else {}
    _, stage, version = _parameters(reference)
    if version:
        known["secretsmanager:VersionId"] = version
    if stage:
        known["secretsmanager:VersionStage"] = stage
    return {**access.endpoint(task.request, task.subnets, service), **known}


def _parameters(reference: str) -> tuple[str, str, str]:
    """The JSON key, the version stage and the version id; empty if the reference has none."""
    key, stage, version, *_ = [*reference.split(":")[7:], "", "", ""]
    return key, stage, version


@start(PAGE, confirmed="recorded answer")
def secrets_exist(task: Task) -> Iterator[str]:
    """Each secret exists and has the version that is named, by id or by stage, or any."""
    for reference in of_secrets_manager(task):
        arn, (_, stage, version) = secret_arn(reference), _parameters(reference)
        for problem in secretsmanager.problems(task.request, arn, stage=stage, version=version):
            yield f"ResourceInitializationError: ResourceNotFoundException: Secrets Manager can't find {problem}"


@start(PAGE, confirmed="nobody")
def secrets_have_the_key(task: Task) -> Iterator[str]:
    """A secret of which a JSON key is read is a JSON object with this key, if the simulator has seen its value."""
    for reference in of_secrets_manager(task):
        key, stage, version = _parameters(reference)
        for each in secretsmanager.versions(task.request, secret_arn(reference)):
            named = each.properties["versionId"] == version if version else not stage
            keys = each.properties.get(secretsmanager.KEYS)
            if key and named and keys is not None and key not in keys:
                found = f"it has {', '.join(keys)}" if keys else "it is not a JSON object"
                refused = f"retrieved secret from Secrets Manager did not contain json key {key}"
                yield f"{UNREAD}: {refused}: {reference}; {found}"


@start("https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html")
def may_decrypt(task: Task) -> Iterator[str]:
    """The execution role may use the KMS key of a secret that has a key of its own."""
    if not (role := task.execution_role):
        return
    for arn in dict.fromkeys(map(secret_arn, of_secrets_manager(task))):
        for secret in secretsmanager.stored(task.request, arn):
            for key in kms.stored(task.request, secret.properties.get("kmsKeyId")):
                via = f"secretsmanager.{secret.region}.amazonaws.com"
                reason = role.refusal(
                    "kms:Decrypt",
                    key.properties["arn"],
                    guards=[key],
                    context={"kms:ViaService": via, "aws:ViaAWSService": "true"},
                )
                if reason:
                    refused = f"{task.role} is not authorized to perform kms:Decrypt on {key.properties['arn']}"
                    yield f"{UNREAD}: {refused}, the key of {arn}: {reason}"
