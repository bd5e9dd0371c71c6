from __future__ import annotations

from ecs import types
from tests.declared import Declared, declare
from tests.unit.components import build

ARN = "arn:aws:s3:::marginalia-content"


def bucket(*, protect: bool = False) -> Declared:
    return declare(lambda: build.bucket(protect=protect))


def test_nothing_in_the_bucket_can_be_public() -> None:
    assert bucket().one(types.BUCKET_PUBLIC_ACCESS, "bucket-private").inputs == {
        "bucket": "marginalia-content",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


def test_the_bucket_is_versioned_and_encrypted() -> None:
    declared = bucket()
    versioning = declared.one(types.BUCKET_VERSIONING, "bucket-versioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    [encryption] = declared.of(types.BUCKET_ENCRYPTION).values()
    assert encryption.inputs["rules"] == [
        {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}, "blockedEncryptionTypes": ["SSE-C"]}
    ]


def test_the_bucket_policy_denies_requests_without_tls_and_allows_nothing() -> None:
    assert bucket().one(types.BUCKET_POLICY, "bucket-tls").json("policy") == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [ARN, f"{ARN}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


def test_noncurrent_versions_and_incomplete_uploads_expire() -> None:
    lifecycle = bucket().one(types.BUCKET_LIFECYCLE, "bucket-lifecycle")
    assert lifecycle.inputs == {
        "bucket": "marginalia-content",
        "rules": [
            {
                "id": "leftovers",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "noncurrentVersionExpiration": {"noncurrentDays": 30},
                "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7},
            }
        ],
    }


def test_a_protected_bucket_is_neither_emptied_nor_deleted() -> None:
    declared = bucket(protect=True).one(types.BUCKET, "bucket-bucket")
    assert (declared.inputs, declared.options.protect) == (
        {"bucket": "marginalia-content", "forceDestroy": False},
        True,
    )


def test_an_unprotected_bucket_is_deleted_with_its_content() -> None:
    declared = bucket().one(types.BUCKET, "bucket-bucket")
    assert (declared.inputs["forceDestroy"], declared.options.protect) == (True, False)
