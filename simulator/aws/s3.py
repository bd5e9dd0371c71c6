"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

from simulator.cloud import ResourceType

BUCKET = "aws:s3/bucket:Bucket"
BUCKET_POLICY = "aws:s3/bucketPolicy:BucketPolicy"
_PART = ResourceType(id="{bucket}", replaces=frozenset({"bucket"}), refers={"bucket": (BUCKET, "bucket")}, holds=False)

TYPES = {
    BUCKET: ResourceType(
        id="{bucket}",
        outputs={"arn": "arn:aws:s3:::{bucket}"},
        replaces=frozenset({"bucket"}),
        named="bucket",
        name_is_global=True,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _PART,
    BUCKET_POLICY: _PART,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _PART,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _PART,
    "aws:s3/bucketVersioning:BucketVersioning": _PART,
}
