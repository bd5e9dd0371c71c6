"""Keys and their aliases. https://docs.aws.amazon.com/kms/latest/APIReference/"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any

from ecs import types
from simulator.aws.values import mapping, mappings
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, as_list
from simulator.failure import Failure
from simulator.store import Object


def stored(request: Request, reference: str | None) -> list[Object]:
    """The key that an ARN, an ID or an alias names. Keys of AWS, and those outside of all stacks here, are not known.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
    """
    aliases = [
        each.properties["targetKeyId"]
        for each in request.visible(types.KMS_ALIAS)
        if reference in (each.properties["name"], each.properties["arn"])
    ]
    return [
        each
        for each in request.visible(types.KMS_KEY)
        if reference in (each.properties["arn"], each.properties["keyId"]) or each.properties["keyId"] in aliases
    ]


key = Checks[Request](types.KMS_KEY)
alias = Checks[Request](types.KMS_ALIAS)
CREATE = "https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html"
USAGES = {"RSA_": {"ENCRYPT_DECRYPT", "SIGN_VERIFY"}, "HMAC_": {"GENERATE_VERIFY_MAC"}, "ML_DSA_": {"SIGN_VERIFY"}}
"""What keys of other specifications than SYMMETRIC_DEFAULT can do, by the beginning of the specification."""


@alias("https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html", confirmed="recorded answer")
def has_a_name_of_its_own(request: Request) -> Iterable[str]:
    """An alias is named alias/... and not alias/aws/..., which is AWS's own."""
    name = request.inputs.get("name") or ""
    if not name.startswith("alias/"):
        yield f'ValidationException: Alias must start with the prefix "alias/": {name}'
    elif name.startswith("alias/aws/") or name == "alias/aws":
        yield f"NotAuthorizedException: the prefix alias/aws/ is reserved for AWS: {name}"


@key(CREATE, confirmed="recorded answer")
def is_used_as_its_kind_allows(request: Request) -> Iterable[str]:
    """A symmetric key encrypts, an RSA key encrypts or signs, an HMAC key makes MACs."""
    spec = request.inputs.get("customerMasterKeySpec") or "SYMMETRIC_DEFAULT"
    usage = request.inputs.get("keyUsage") or "ENCRYPT_DECRYPT"
    allowed = next((each for prefix, each in USAGES.items() if spec.startswith(prefix)), None)
    if spec == "SYMMETRIC_DEFAULT":
        allowed = {"ENCRYPT_DECRYPT"}
    if allowed and usage not in allowed:
        yield f"ValidationException: KeyUsage {usage} is not compatible with KeySpec {spec}"
    if request.inputs.get("enableKeyRotation") and spec != "SYMMETRIC_DEFAULT":
        yield f"UnsupportedOperationException: KMS does not rotate a key of the specification {spec}"


@key(CREATE)
def can_be_administered(request: Request) -> Iterable[str]:
    """A key's policy is JSON and lets somebody of the account change it later."""
    text = request.inputs.get("policy")
    if not text or request.inputs.get("bypassPolicyLockoutSafetyCheck"):
        return
    try:
        statements = mappings(mapping(json.loads(text)).get("Statement"))
    except ValueError:
        yield "MalformedPolicyDocumentException: the key policy is not a policy document in JSON"
        return
    if not any(_administers(each, request.account) for each in statements):
        yield (
            "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the "
            f"future: no statement allows kms:PutKeyPolicy to account {request.account}"
        )


def _administers(statement: dict[str, Any], account: str) -> bool:
    """Whether a statement lets a principal of the account put the key's policy. Conditions are not evaluated."""
    principals = statement.get("Principal")
    named = as_list(mapping(principals).get("AWS") if isinstance(principals, dict) else principals)
    is_own = any(each == "*" or account in str(each).split(":") for each in named)
    # What it allows besides those that `NotAction` names is not known here.
    actions = as_list(statement.get("Action")) or as_list(statement.get("NotAction") and "*")
    puts = any(fnmatchcase("kms:putkeypolicy", str(each).lower()) for each in actions)
    return statement.get("Effect") == "Allow" and is_own and puts


TYPES = {
    types.KMS_KEY: ResourceType(
        id="{uuid}",
        outputs={"arn": "arn:aws:kms:{region}:{account}:key/{uuid}", "keyId": "{uuid}"},
        replace_on_changes=frozenset({"customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion"}),
        validate=key.reasons,
        failure=Failure(
            source="kms/key.go",
            missing="NotFoundException",
            unreadable=frozenset({"deletionWindowInDays"}),
            quota="LimitExceededException: a length constraint or quota was exceeded.",
        ),
    ),
    # The deletion of a key deletes its aliases, so an alias does not block it.
    # https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
    types.KMS_ALIAS: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:kms:{region}:{account}:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        references={"targetKeyId": (types.KMS_KEY, "keyId")},
        blocks_delete=False,
        validate=alias.reasons,
        failure=Failure(
            source="kms/alias.go",
            quota="LimitExceededException: a length constraint or quota was exceeded.",
        ),
    ),
}
