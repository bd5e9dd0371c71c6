"""The S3 bucket for content of 64 KB and more."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions

from components.private_bucket import PrivateBucketArgs, private_bucket

NONCURRENT_VERSION_DAYS = 30
"""Days for which an overwritten or deleted object can be restored."""


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
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                bucket_name=args.bucket_name,
                rule="leftovers",
                noncurrent_days=NONCURRENT_VERSION_DAYS,
                protect=args.protect,
            ),
            self,
        )
        self.arn = bucket.arn
        self.bucket_name = bucket.bucket
        self.register_outputs({"arn": self.arn, "bucket_name": self.bucket_name})
