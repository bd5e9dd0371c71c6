"""Secrets. https://docs.aws.amazon.com/secretsmanager/latest/apireference/"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from config.fields import is_simulated
from ecs import types
from simulator import logins
from simulator.aws import policy_grammar, rds_secret
from simulator.aws.rds_secret import KEYS
from simulator.aws.values import mapping
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure
from simulator.store import Object, Store

SUFFIX = 7
"""Characters that Secrets Manager adds to a name in the ARN: a hyphen and six others.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html"""


def stored(request: Request, arn: str) -> list[Object]:
    """The secret with this ARN, in the account and region of the ARN, if a stack here created it or it is simulated."""
    store = request.cloud.store
    return _guaranteed(request, [*store.find(types.SECRET, arn=arn), *rds_secret.secrets(store, arn)])


def versions(request: Request, arn: str) -> list[Object]:
    """The versions of the secret, the oldest first."""
    store = request.cloud.store
    return _guaranteed(request, [*store.find(types.SECRET_VERSION, secretId=arn), *rds_secret.versions(store, arn)])


def _guaranteed(request: Request, objects: list[Object]) -> list[Object]:
    return [each for each in objects if request.cloud.guaranteed(each, request.urn)]


def problems(request: Request, arn: str, *, stage: str = "", version: str = "") -> Iterator[str]:
    """What of a reference cannot be found; nothing of a secret outside of all stacks here.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
    """
    store = request.cloud.store
    if arn.count(":") < 6 or store.find(types.SECRET, name=arn.split(":")[6]):
        return  # not an ARN, or one without the suffix
    if not store.find(types.SECRET, arn=arn) and not rds_secret.secrets(store, arn):
        if real := arn_of_name(store, arn):
            yield f"{arn}: the ARN of the secret with this name is {real}"
        elif is_simulated(arn.split(":")[4]):
            yield arn
        return
    found = [each.properties for each in versions(request, arn)]
    if not stored(request, arn) or not found:
        yield arn
    elif version and all(each["versionId"] != version for each in found):
        yield f"the specified secret value for VersionId: {version} of {arn}"
    elif stage and stage not in _stages(found):
        yield f"the specified secret value for staging label: {stage} of {arn}"


def arn_of_name(store: Store, arn: str) -> str | None:
    """The ARN of the secret that has the name in this ARN. There is no other secret of that name."""
    _, _, _, region, account, _, name = arn.split(":")
    found = store.located(types.SECRET, account, region, name=name[:-SUFFIX])
    return found[0].properties["arn"] if found else None


def _stages(found: list[dict[str, Any]]) -> set[str]:
    """The staging labels of the versions: those that are declared, and those that Secrets Manager moves."""
    declared = {label for each in found for label in as_list(each.get("versionStages"))}
    return {*declared, "AWSCURRENT", *(["AWSPREVIOUS"] if len(found) > 1 else [])}


def _keys(request: Request) -> list[str] | None:
    """The KEYS of a value; None if there is no value."""
    text = request.inputs.get("secretString")
    if not text:
        return None
    try:
        return [*mapping(json.loads(text))]
    except ValueError:
        return []


secret = Checks[Request](types.SECRET)


@secret("https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html")
def policy_is_a_policy(request: Request) -> Iterator[str]:
    """The policy of a secret names principals, actions and resources."""
    if request.inputs.get("policy"):
        for each in policy_grammar.problems(request.inputs["policy"], policy_grammar.BUCKET):
            yield f"MalformedPolicyDocumentException: {each}"


version = Checks[Request](types.SECRET_VERSION)
CREATE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"
DELETE = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"
PUT = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html"


@secret(CREATE, confirmed="recorded answer")
def has_a_valid_name(request: Request) -> Iterable[str]:
    """A secret's name is 1 to 512 letters, digits and / _ + = . @ - !."""
    name = request.inputs.get("name") or ""
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@!-]{1,512}", name):
        yield (
            "ValidationException: Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
            f"following: -/_+=.@!: {name!r}"
        )


@secret(DELETE, confirmed="botocore")
def can_be_recovered_for_a_week_to_a_month(request: Request) -> Iterable[str]:
    """A deleted secret is gone at once, 0, or after 7 to 30 days."""
    days = request.inputs.get("recoveryWindowInDays")
    if days is not None and days != 0 and not 7 <= days <= 30:
        yield f"InvalidParameterException: recoveryWindowInDays {days:g} is neither 0 nor 7 to 30"


@version(PUT, confirmed="botocore")
def has_one_value(request: Request) -> Iterable[str]:
    """A version has text or bytes, not both and not neither."""
    given = [each for each in ("secretString", "secretBinary", "secretStringWo") if request.inputs.get(each)]
    if len(given) != 1:
        yield (
            "InvalidRequestException: a version has either secretString or secretBinary: "
            f"{' and '.join(given) or 'there is neither'}"
        )


TYPES = {
    types.SECRET: ResourceType(
        id="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
        outputs={"arn": "{id}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        validate=secret.reasons,
        cascade=lambda request: request.all(types.SECRET_VERSION, secretId=request.id),
        failure=Failure(
            source="secretsmanager/secret.go",
            unreadable=frozenset({"recoveryWindowInDays"}),
            taken="ResourceExistsException",
            missing="ResourceNotFoundException",
            quota="LimitExceededException: the request would exceed one of the Secrets Manager quotas.",
        ),
    ),
    types.SECRET_VERSION: ResourceType(
        id="{secretId}|{token}",
        outputs={"arn": "{secretId}", "versionId": "{token}"},
        replace_on_changes=frozenset({"secretId", "secretString"}),
        internal={
            logins.LOGIN: lambda request, _: logins.in_url(request.inputs.get("secretString") or ""),
            KEYS: lambda request, _: _keys(request),
        },
        # A version without a staging label can still be read by its ID. Secrets Manager removes it when there are more
        # than 100 versions. https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
        retained_on_delete=lambda _: True,
        references={"secretId": (types.SECRET, "arn")},
        validate=version.reasons,
        blocks_delete=False,
        failure=Failure(
            source="secretsmanager/secret_version.go",
            quota="LimitExceededException: the request would exceed one of the Secrets Manager quotas.",
        ),
    ),
}
