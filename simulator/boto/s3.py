"""The methods of boto3's S3 client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from ecs import types
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class S3:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/"""

    store: Store
    account: str
    region: str

    def head_bucket(self, *, Bucket: str) -> Properties:  # noqa: N803, the name is boto3's
        """https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html"""
        for each in self.store.find(types.BUCKET, bucket=Bucket):
            if each.account != self.account:
                raise client_error("HeadBucket", "403", "Forbidden")
            return {"BucketRegion": each.region}
        raise client_error("HeadBucket", "404", "Not Found")
