"""The S3 bucket for the access logs of the load balancer and the flow logs of the VPC."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi import ComponentResource, Output, ResourceOptions

from components.private_bucket import PrivateBucketArgs, private_bucket
from ecs.logs import write_access_logs, write_flow_logs

NONCURRENT_VERSION_DAYS = 1
"""Days for which an expired log can be restored: the least. No log is written twice."""


@dataclass(frozen=True, kw_only=True)
class LogBucketArgs:
    bucket_name: str
    """Globally unique."""
    account: str
    region: str
    retention_days: int
    protect: bool
    """Protects the bucket in Pulumi and refuses to delete it while it contains logs."""


class LogBucket(ComponentResource):
    """Private, TLS only, encrypted with keys of S3: Elastic Load Balancing supports no others. Logs expire.

    Depend on the component, not on its name: what writes logs is refused until the bucket policy exists.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """

    arn: Output[str]
    bucket_name: Output[str]

    def __init__(self, name: str, args: LogBucketArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:logs:LogBucket", name, None, opts)
        bucket = private_bucket(
            name,
            PrivateBucketArgs(
                bucket_name=args.bucket_name,
                rule="old-logs",
                days=args.retention_days,
                noncurrent_days=NONCURRENT_VERSION_DAYS,
                statements=[
                    write_access_logs(args.bucket_name, args.account),
                    *write_flow_logs(args.bucket_name, args.account, args.region),
                ],
                protect=args.protect,
            ),
            self,
        )
        self.arn = bucket.arn
        self.bucket_name = bucket.bucket
        self.register_outputs({"arn": self.arn, "bucket_name": self.bucket_name})
