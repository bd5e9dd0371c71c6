"""Whether a service of AWS may write logs to a bucket, by the bucket's policy."""

from __future__ import annotations

from collections.abc import Mapping

from config.fields import is_simulated
from ecs import types
from simulator.aws import access
from simulator.aws.permissions import Statement, decide, names_service, principals
from simulator.aws.values import mapping, mappings
from simulator.cloud import Request
from simulator.store import Object


def key(request: Request, prefix: str = "") -> str:
    """A log of any service, below a prefix.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/list_amazons3.html
    """
    return "/".join(filter(None, (prefix, f"AWSLogs/{request.account}/id-of-the-log")))


def buckets(request: Request, name: str) -> list[Object]:
    """The bucket, in any account and region."""
    return request.cloud.store.find(types.BUCKET, bucket=name)


def is_missing(request: Request, name: str) -> bool:
    """Whether the bucket is not guaranteed to exist. Outside of the simulated accounts it may be that of somebody."""
    found = buckets(request, name)
    if not found:
        return is_simulated(request.account)
    return not any(request.cloud.guaranteed(each, request.urn) for each in found)


def is_refused(
    request: Request, bucket: str, service: str, action: str, key: str = "", context: Mapping[str, str] | None = None
) -> bool:
    """Whether the policy of a bucket here does not let the service perform the action, on the bucket or a key in it.

    A statement for another account may be for one of AWS's own, as in the policies of before 2022.
    """
    if not buckets(request, bucket):
        return False
    policies = request.visible(types.BUCKET_POLICY, bucket=bucket)
    about = [each for each in access.statements(policies) if _is_about(each, service, request.account)]
    known = {
        "aws:PrincipalIsAWSService": "true",
        "aws:SecureTransport": "true",
        "aws:SourceAccount": request.account,
        "s3:x-amz-acl": "bucket-owner-full-control",
        **(context or {}),
    }
    resource = f"arn:aws:s3:::{bucket}{f'/{key}' if key else ''}"
    return decide(about, action, resource, known) != "allowed"


def _is_about(statement: Statement, service: str, account: str) -> bool:
    others = [str(each) for each in principals(statement, "AWS") if account not in str(each)]
    return names_service(statement, service) is not False or bool(others)


def is_encrypted_by_kms(request: Request, bucket: str) -> bool:
    """Whether the default encryption of a bucket is one of KMS."""
    return any(
        str(mapping(rule.get("applyServerSideEncryptionByDefault")).get("sseAlgorithm")).startswith("aws:kms")
        for each in request.visible(types.BUCKET_ENCRYPTION, bucket=bucket)
        for rule in mappings(each.properties.get("rules"))
    )
