"""The S3 bucket of a component: private, encrypted, versioned, TLS only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

INCOMPLETE_UPLOAD_DAYS = 7
"""Days after which the parts of an incomplete multipart upload are deleted.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html"""


@dataclass(frozen=True, kw_only=True)
class PrivateBucketArgs:
    bucket_name: str
    """Globally unique."""
    rule: str
    """The ID of the lifecycle rule."""
    days: int | None = None
    """Days after which an object expires. None: never."""
    noncurrent_days: int
    """Days for which an overwritten or deleted object can be restored."""
    statements: Sequence[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    """What the bucket policy allows."""
    protect: bool
    """Protects the bucket in Pulumi and refuses to delete it while it contains objects."""


def private_bucket(name: str, args: PrivateBucketArgs, owner: ComponentResource) -> aws.s3.Bucket:
    """Creates the bucket and its settings as children of `owner`, with names that begin with `name`.

    Objects belong to the account, as S3 disables ACLs in new buckets:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
    """
    child = ResourceOptions(parent=owner)
    bucket = aws.s3.Bucket(
        f"{name}-bucket",
        bucket=args.bucket_name,
        force_destroy=not args.protect,
        opts=ResourceOptions(parent=owner, protect=args.protect),
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
        rules=[_lifecycle(args)],
        # S3 requires versioning to be configured before a rule for noncurrent versions.
        opts=ResourceOptions(parent=owner, depends_on=[versioning]),
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
        policy=_policy(bucket.arn, args.statements),
        # S3 rejects concurrent changes of a bucket's public access block and its policy.
        opts=ResourceOptions(parent=owner, depends_on=[private]),
    )
    return bucket


def _lifecycle(args: PrivateBucketArgs) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=args.rule,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        expiration=aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=args.days) if args.days else None,
        noncurrent_version_expiration=aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=args.noncurrent_days
        ),
        abort_incomplete_multipart_upload=aws.s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=INCOMPLETE_UPLOAD_DAYS
        ),
    )


def _policy(arn: Output[str], statements: Sequence[Mapping[str, Any]]) -> Output[str]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html"""
    tls_only = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, Output.concat(arn, "/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return Output.json_dumps({"Version": "2012-10-17", "Statement": [tls_only, *statements]})
