from __future__ import annotations

import re
from typing import Any

import pytest

from ecs import types
from simulator.aws import TYPES
from simulator.aws.limits import CODES, Inputs
from simulator.failure import RejectedError
from simulator.sdk import SECRET, SIGNATURE, UNKNOWN
from tests.declared import ROOT

REPOSITORY = {"name": "mrgnl-mcp"}
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a value outside of its set": (
        types.LOG_GROUP, {"retentionInDays": 31.0},
        "InvalidParameterException: retentionInDays 31 is not one of 0, 1, 3, 5, 7, 14, 30,"),
    "a number below the least": (
        types.KMS_KEY, {"deletionWindowInDays": 6.0}, "ValidationException: deletionWindowInDays 6 is less than 7"),
    "a number above the greatest": (
        types.KMS_KEY, {"deletionWindowInDays": 31.0},
        "ValidationException: deletionWindowInDays 31 is greater than 30"),
    "too few characters": (
        types.REPOSITORY, {"name": "m"}, "InvalidParameterException: name 'm' has fewer than 2 characters"),
    "too many characters": (
        types.LOG_GROUP, {"name": "a" * 513}, f"InvalidParameterException: name '{'a' * 513}' has more than 512 char"),
    "too many items": (
        types.REPOSITORY,
        {**REPOSITORY, "imageTagMutabilityExclusionFilters": [{"filter": "a", "filterType": "WILDCARD"}] * 6},
        "InvalidParameterException: imageTagMutabilityExclusionFilters has more than 5 items"),
    "text of another pattern": (
        types.REPOSITORY, {"name": "Mcp"}, "InvalidParameterException: name 'Mcp' does not match ^"),
    "text for a number": (
        types.LOG_GROUP, {"retentionInDays": "month"},
        "InvalidParameterException: retentionInDays 'month' is text, not a number"),
    "a mapping for a list": (
        types.ROUTE_TABLE, {"vpcId": "vpc-1", "routes": {}}, "InvalidParameterValue: routes is a mapping, not a list"),
    "a missing input": (types.SUBNET, {}, "InvalidParameterValue: vpcId is required"),
    "a missing input in a list": (
        types.BUCKET_LIFECYCLE, {"bucket": "content", "rules": [{"id": "all"}]},
        "MalformedXML: rules[0].status is required"),
}  # fmt: skip
ACCEPTED: dict[str, tuple[str, dict[str, Any]]] = {
    "a number of the set": (types.LOG_GROUP, {"retentionInDays": 30.0}),
    "a value that is unknown in a preview": (types.LOG_GROUP, {"retentionInDays": UNKNOWN}),
    "empty optional text": (types.LOG_GROUP, {"kmsKeyId": ""}),
    "null": (types.LOG_GROUP, {"retentionInDays": None}),
    "an input that no schema has": (types.LOG_GROUP, {"other": []}),
    "an account ID as a number": (types.BUCKET_VERSIONING, {
        "bucket": "content", "expectedBucketOwner": 111122223333.0, "versioningConfiguration": {"status": "Enabled"}}),
}  # fmt: skip


def reason(token: str, inputs: dict[str, Any]) -> str:
    with pytest.raises(RejectedError) as error:
        TYPES[token].check(ROOT, inputs)
    return str(error.value)


@pytest.mark.parametrize(("token", "inputs", "message"), REFUSED.values(), ids=REFUSED)
def test_inputs_that_aws_does_not_take_are_refused(token: str, inputs: dict[str, Any], message: str) -> None:
    assert reason(token, inputs).startswith(message)


@pytest.mark.parametrize(("token", "inputs"), ACCEPTED.values(), ids=ACCEPTED)
def test_other_inputs_are_accepted(token: str, inputs: dict[str, Any]) -> None:
    assert TYPES[token].check(ROOT, inputs).keys() == inputs.keys()


def test_a_message_shows_no_secret() -> None:
    secret = {SIGNATURE: SECRET, "value": {"password": "hunter2"}}
    found = reason(types.SECRET_VERSION, {"secretId": "url", "secretString": secret})
    assert found == "ValidationException: secretString is a mapping, not text"
    long = {SIGNATURE: SECRET, "value": "hunter2" * 10_000}
    found = reason(types.SECRET_VERSION, {"secretId": "url", "secretString": long})
    assert found == "ValidationException: secretString has more than 65536 characters"


def test_numbers_and_booleans_are_converted_as_the_provider_converts_them() -> None:
    """https://github.com/pulumi/pulumi-terraform-bridge/blob/59de6c661df1/pkg/tfbridge/schema.go"""
    inputs = {"vpcId": "vpc-1", "mapPublicIpOnLaunch": "true", "enableLniAtDeviceIndex": "1", "cidrBlock": 7.0}
    assert TYPES[types.SUBNET].check(ROOT, inputs) == {
        "vpcId": "vpc-1", "mapPublicIpOnLaunch": True, "enableLniAtDeviceIndex": 1.0, "cidrBlock": "7",
    }  # fmt: skip


@pytest.mark.parametrize("token", [token for token in TYPES if token.startswith("aws:")])
def test_each_type_has_inputs_and_a_code_and_each_pattern_can_be_matched(token: str) -> None:
    limits = Inputs(token, {}).limits
    assert limits
    assert token.split(":")[1].split("/")[0] in CODES
    for limit in limits.values():
        re.compile(limit.get("pattern", ""))
