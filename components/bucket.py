"""The S3 bucket for content of 64 KB and more."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

NONCURRENT_VERSION_DAYS = 30
"""Days for which an overwritten or deleted object can be restored."""
INCOMPLETE_UPLOAD_DAYS = 7
"""Days after which the parts of an incomplete multipart upload are deleted.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html"""


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    bucket_name: str
    """Globally unique."""
    protect: bool
    """Protects the bucket in Pulumi and refuses to delete it while it contains objects."""


class Bucket(ComponentResource):
    """Private, encrypted, versioned, TLS only. The bucket policy grants nothing; the task roles do."""

    arn: Output[str]
    bucket_name: Output[str]

    def __init__(self, name: str, args: BucketArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:bucket:Bucket", name, None, opts)
        child = ResourceOptions(parent=self)

        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=args.bucket_name,
            force_destroy=not args.protect,
            opts=ResourceOptions(parent=self, protect=args.protect),
        )
        versioning = aws.s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket.bucket,
            versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=child,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                        sse_algorithm="AES256"
                    ),
                    # Keys of the customer, which AWS does not have. S3 blocks them in buckets since April 2026:
                    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
                    blocked_encryption_types=["SSE-C"],
                )
            ],
            opts=child,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                aws.s3.BucketLifecycleConfigurationRuleArgs(
                    id="leftovers",
                    status="Enabled",
                    filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                    noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                        noncurrent_days=NONCURRENT_VERSION_DAYS
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=INCOMPLETE_UPLOAD_DAYS
                    ),
                )
            ],
            # S3 requires versioning to be configured before a rule for noncurrent versions.
            opts=ResourceOptions(parent=self, depends_on=[versioning]),
        )
        private = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        aws.s3.BucketPolicy(
            f"{name}-tls",
            bucket=bucket.bucket,
            policy=_tls_only(bucket.arn),
            # S3 rejects concurrent changes of a bucket's public access block and its policy.
            opts=ResourceOptions(parent=self, depends_on=[private]),
        )

        self.arn = bucket.arn
        self.bucket_name = bucket.bucket
        self.register_outputs({"arn": self.arn, "bucket_name": self.bucket_name})


def _tls_only(arn: Output[str]) -> Output[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"""
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, Output.concat(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})
