"""The bucket of a stack's state and the key of the secrets in it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.bucket import Bucket, BucketArgs

DELETION_WINDOW = 30
"""Days in which the deletion of the key can be cancelled: 7 to 30.
https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html"""


@dataclass(frozen=True, kw_only=True)
class StateArgs:
    bucket_name: str
    alias: str
    """The key's alias, without `alias/`. For people: Pulumi names the key by its ARN, which every account resolves."""


class State(ComponentResource):
    """Both are protected: without the key no secret in the state can be read again."""

    bucket_name: Output[str]
    bucket_arn: Output[str]
    key_arn: Output[str]

    def __init__(self, name: str, args: StateArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:bootstrap:State", name, None, opts)
        protected = ResourceOptions(parent=self, protect=True)

        bucket = Bucket(f"{name}-bucket", BucketArgs(bucket_name=args.bucket_name, protect=True), protected)
        key = aws.kms.Key(
            f"{name}-key",
            description="Secrets in the state of Pulumi",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW,
            opts=protected,
        )
        aws.kms.Alias(
            f"{name}-alias", name=f"alias/{args.alias}", target_key_id=key.key_id, opts=ResourceOptions(parent=self)
        )

        self.bucket_name = bucket.bucket_name
        self.bucket_arn = bucket.arn
        self.key_arn = key.arn
        self.register_outputs({"bucket_name": self.bucket_name, "key_arn": self.key_arn})
