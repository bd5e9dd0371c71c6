"""The checks of `verify` for each service: its image, its secrets and its deployed roles."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from config import stackfile
from config.stackfile import KEY
from ecs.fargate import PLATFORM
from ecs.iam import PULL_ACTIONS, secret_arn
from ecs.image import Reference
from ops import ecr
from ops.check import Subject, Test, missing
from ops.table import short

PERMISSIONS = (
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "iam:SimulatePrincipalPolicy",
    "secretsmanager:DescribeSecret",
)
SECONDS = 30
"""To download the configuration of an image."""


def tests(subject: Subject) -> Iterator[Test]:
    settings, known = subject.configuration.settings, subject.configuration.running
    for name, image in (settings.images or {}).items():
        advice = f"Promote an image that exists: {subject.cloud.verb(f'promote FROM {subject.stack}')}"
        yield "image", name, partial(_image, subject, f"images.{name}", Reference.parse(image), advice)
    if settings.debug:
        advice = "Push it: docs/howto/debug.md"
        yield "image", "debug", partial(_image, subject, "debug.image", Reference.parse(settings.debug.image), advice)
    for name, variables in settings.secrets.items():
        for variable, reference in variables.items() if name in known else ():
            yield "secret", f"{name} {variable}", partial(_secret, subject, name, variable, reference)
    for name, running in subject.deployed.running.items():
        yield "role", name, partial(_role, subject, name, running.revision)


def _image(subject: Subject, key: str, reference: Reference, advice: str) -> Iterator[str]:
    """The image is in ECR, for the architecture of the stack file."""
    repository = reference.repository
    client = subject.cloud.ecr(repository)
    where = f"{stackfile.name(subject.stack)}: {KEY}.{key}: {short(str(reference))}"
    if (stored := ecr.manifest(client, reference)) is None:
        yield f"{where} does not exist in {repository.account}'s {repository.name}. {advice}"
        return
    wanted = PLATFORM[subject.configuration.settings.architecture]
    if wanted not in (found := platforms(client, reference, json.loads(stored.body))):
        yield f"{where} is for {', '.join(found)}, not {wanted}. Build it for that, or change {KEY}.architecture."


def platforms(client: Any, reference: Reference, manifest: dict[str, Any]) -> list[str]:
    """The platforms of an image or of an index, such as linux/amd64.

    https://github.com/opencontainers/image-spec/blob/v1.1.1/config.md#properties
    """
    if "manifests" in manifest:
        found = [each.get("platform", {}) for each in manifest["manifests"]]
    else:
        repository = reference.repository
        url = client.get_download_url_for_layer(
            registryId=repository.account, repositoryName=repository.name, layerDigest=manifest["config"]["digest"]
        )["downloadUrl"]
        with urllib.request.urlopen(url, timeout=SECONDS) as response:  # noqa: S310, the URL is ECR's
            found = [json.load(response)]
    return [f"{each.get('os')}/{each.get('architecture')}" for each in found]


def _secret(subject: Subject, name: str, variable: str, reference: str) -> list[str]:
    """The secret and its version exist. Never its value.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
    """
    arn, found = secret_arn(reference), list[str]()
    version = "".join(reference.split(":")[9:10])
    where = f"{stackfile.name(subject.stack)}: {KEY}.secrets.{name}.{variable}: {arn}"
    _, _, _, region, account, *_ = arn.split(":")
    create = "aws secretsmanager create-secret --name NAME --secret-string file:///dev/stdin"
    put = f"aws secretsmanager put-secret-value --secret-id {arn} --secret-string file:///dev/stdin"
    with missing(["ResourceNotFoundException"], found, f"{where} does not exist. Create it: {create}"):
        secret = subject.cloud.client("secretsmanager", account, region).describe_secret(SecretId=arn)
        stages: dict[str, list[str]] = secret.get("VersionIdsToStages", {})
        if secret.get("DeletedDate"):
            found.append(f"{where} is being deleted. Keep it: aws secretsmanager restore-secret --secret-id {arn}")
        elif version and version not in stages:
            found.append(f"{where} has no version {version} with a stage. Name another one, or none.")
        elif not version and not any("AWSCURRENT" in each for each in stages.values()):
            found.append(f"{where} has no value. Write it: {put}")
    return found


def _role(subject: Subject, name: str, revision: str) -> list[str]:
    """The deployed execution role may pull the image, write the log and read the secrets of the running revision.

    Policies of the repository, the secrets and their keys are not evaluated.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    definition = subject.client("ecs").describe_task_definition(taskDefinition=revision)["taskDefinition"]
    [container] = [each for each in definition["containerDefinitions"] if each["name"] == name]
    role, found = definition.get("executionRoleArn", ""), list[str]()
    if not role:
        return [f"{subject.stack}/{name}: {revision} has no execution role. Deploy it again: {_update(subject)}"]
    client = subject.client("iam")
    gone = f"{subject.stack}/{name}: {role} does not exist. Create it again: {_update(subject)}"
    with missing(["NoSuchEntity"], found, gone):
        for resource, actions in _needed(subject, container).items():
            answer = client.simulate_principal_policy(
                PolicySourceArn=role, ActionNames=actions, ResourceArns=[resource]
            )
            if refused := [
                each["EvalActionName"] for each in answer["EvaluationResults"] if each["EvalDecision"] != "allowed"
            ]:
                found.append(
                    f"{subject.stack}/{name}: {role.rsplit('/')[-1]} may not {', '.join(refused)} on {resource}."
                    f" Restore its policy: {_update(subject)}"
                )
    return found


def _needed(subject: Subject, container: dict[str, Any]) -> dict[str, list[str]]:
    """The actions that the start of a task needs, by resource."""
    found = {"*": ["ecr:GetAuthorizationToken"]}
    with suppress(ValueError):  # not of ECR: nothing is needed to pull it
        found[Reference.parse(container["image"]).repository.arn] = [*PULL_ACTIONS]
    if group := container.get("logConfiguration", {}).get("options", {}).get("awslogs-group"):
        stream = f"arn:aws:logs:{subject.region}:{subject.account}:log-group:{group}:log-stream:any"
        found[stream] = ["logs:CreateLogStream", "logs:PutLogEvents"]
    for each in container.get("secrets", []):
        found[secret_arn(each["valueFrom"])] = ["secretsmanager:GetSecretValue"]
    return found


def _update(subject: Subject) -> str:
    return f"{subject.cloud.update}{subject.stack}"
