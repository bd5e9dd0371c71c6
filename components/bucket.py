"""The bucket for content of 64 KB and more."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

FORMER_VERSIONS = 30
"""Days in which an object that was overwritten or deleted can be had back."""
UNFINISHED_UPLOADS = 7
"""Days after which the parts of an upload that never ended go.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html"""


@dataclass(frozen=True, kw_only=True)
class BucketArgs:
    bucket_name: str
    """Global: no other bucket in the world has it."""
    protect: bool


class Bucket(ComponentResource):
    """Private, encrypted, versioned, TLS only. A task role that may use it says so itself."""

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
                        noncurrent_days=FORMER_VERSIONS
                    ),
                    abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=UNFINISHED_UPLOADS
                    ),
                )
            ],
            # S3 wants the versioning to be settled first.
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
            # S3 refuses two concurrent changes of a bucket's access.
            opts=ResourceOptions(parent=self, depends_on=[private]),
        )

        self.arn = bucket.arn
        self.bucket_name = bucket.bucket
        self.register_outputs({"arn": self.arn, "bucket_name": self.bucket_name})


def _tls_only(arn: Output[str]) -> Output[str]:
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, Output.concat(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]})
