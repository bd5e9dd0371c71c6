"""Buckets. https://docs.aws.amazon.com/AmazonS3/latest/API/"""

from __future__ import annotations

from dataclasses import replace

from ecs import types
from simulator.cloud import Request, ResourceType
from simulator.store import Properties

_BUCKET_SETTING = ResourceType(
    id="{bucket}",
    replace_on_changes=frozenset({"bucket"}),
    references={"bucket": (types.BUCKET, "bucket")},
    blocks_delete=False,
)


def _kept_rules(request: Request) -> list[Properties]:
    """S3 blocks keys of the customer in new buckets, unless the rule says otherwise.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/blocking-unblocking-s3-c-encryption-gpb.html
    """
    return [{"blockedEncryptionTypes": ["SSE-C"], **rule} for rule in request.inputs["rules"]]


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
    types.BUCKET_ENCRYPTION: replace(_BUCKET_SETTING, kept={"rules": _kept_rules}),
    types.BUCKET_VERSIONING: _BUCKET_SETTING,
}
