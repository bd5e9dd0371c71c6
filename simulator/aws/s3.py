"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

from ecs import types
from simulator.cloud import ResourceType

_BUCKET_SETTING = ResourceType(
    id="{bucket}",
    replace_on_changes=frozenset({"bucket"}),
    references={"bucket": (types.BUCKET, "bucket")},
    blocks_delete=False,
)

TYPES = {
    types.BUCKET: ResourceType(
        id="{bucket}",
        outputs={"arn": "arn:aws:s3:::{bucket}"},
        replace_on_changes=frozenset({"bucket"}),
        name_property="bucket",
        name_scope="global",
    ),
    types.BUCKET_LIFECYCLE: _BUCKET_SETTING,
    types.BUCKET_POLICY: _BUCKET_SETTING,
    types.BUCKET_PUBLIC_ACCESS: _BUCKET_SETTING,
    types.BUCKET_ENCRYPTION: _BUCKET_SETTING,
    types.BUCKET_VERSIONING: _BUCKET_SETTING,
}
