"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

from dataclasses import replace

from ecs import types
from simulator.aws import changes
from simulator.cloud import ResourceType
from simulator.failure import Failure

_BUCKET_SETTING = ResourceType(
    id="{bucket}",
    replace_on_changes=frozenset({"bucket"}),
    references={"bucket": (types.BUCKET, "bucket")},
    blocks_delete=False,
)


def _put(source: str) -> ResourceType:
    """A setting that the provider sends whole in every update."""
    return replace(_BUCKET_SETTING, failure=Failure(source=f"s3/{source}", empty_update="applies"))


TYPES = {
    types.BUCKET: ResourceType(
        id="{bucket}",
        outputs={"arn": "arn:aws:s3:::{bucket}"},
        replace_on_changes=frozenset({"bucket"}),
        name_property="bucket",
        name_scope="global",
        failure=Failure(
            source="s3/bucket.go",
            unreadable=frozenset({"forceDestroy"}),
            quota="TooManyBuckets: You have attempted to create more buckets than allowed",
        ),
    ),
    types.BUCKET_LIFECYCLE: replace(
        _BUCKET_SETTING, failure=Failure(sdk="framework", source="s3/bucket_lifecycle_configuration.go")
    ),
    types.BUCKET_POLICY: _put("bucket_policy.go"),
    types.BUCKET_PUBLIC_ACCESS: _put("bucket_public_access_block.go"),
    types.BUCKET_ENCRYPTION: _put("bucket_server_side_encryption_configuration.go"),
    types.BUCKET_VERSIONING: replace(_put("bucket_versioning.go"), validate_update=changes.versioning.reasons),
}
