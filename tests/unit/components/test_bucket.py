from __future__ import annotations

from tests.declared import Declared, declare
from tests.unit.components import build

ARN = "arn:aws:s3:::marginalia-content"


def bucket(*, protect: bool = False) -> Declared:
    return declare(lambda: build.bucket(protect=protect))


def test_nothing_in_the_bucket_can_be_public() -> None:
    assert bucket().one("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket-private").inputs == {
        "bucket": "marginalia-content",
        "blockPublicAcls": True,
        "blockPublicPolicy": True,
        "ignorePublicAcls": True,
        "restrictPublicBuckets": True,
    }


def test_the_bucket_is_versioned_and_encrypted() -> None:
    declared = bucket()
    versioning = declared.one("aws:s3/bucketVersioning:BucketVersioning", "bucket-versioning").inputs
    assert versioning["versioningConfiguration"] == {"status": "Enabled"}
    [encryption] = declared.of(
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    ).values()
    assert encryption.inputs["rules"] == [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]


def test_the_bucket_refuses_everybody_without_tls_and_lets_nobody_in() -> None:
    assert bucket().one("aws:s3/bucketPolicy:BucketPolicy", "bucket-tls").json("policy") == {
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


def test_former_versions_and_unfinished_uploads_go() -> None:
    lifecycle = bucket().one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "bucket-lifecycle")
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


def test_a_protected_bucket_is_emptied_by_nobody_and_deleted_by_nobody() -> None:
    made = bucket(protect=True).one("aws:s3/bucket:Bucket", "bucket-bucket")
    assert (made.inputs, made.options.protect) == ({"bucket": "marginalia-content", "forceDestroy": False}, True)


def test_an_unprotected_bucket_goes_with_its_content() -> None:
    made = bucket().one("aws:s3/bucket:Bucket", "bucket-bucket")
    assert (made.inputs["forceDestroy"], made.options.protect) == (True, False)
