"""The methods of boto3's Secrets Manager client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from ecs import types
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class SecretsManager:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/"""

    store: Store
    account: str
    region: str

    def describe_secret(self, *, SecretId: str) -> Properties:  # noqa: N803, the name is boto3's
        """A secret by ARN. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html"""
        if not self.store.find(types.SECRET, arn=SecretId):
            message = "Secrets Manager can't find the specified secret."
            raise client_error("DescribeSecret", "ResourceNotFoundException", message)
        versions = [each.properties["versionId"] for each in self.store.find(types.SECRET_VERSION, secretId=SecretId)]
        stages = {each: ["AWSCURRENT" if each == versions[-1] else "AWSPREVIOUS"] for each in versions}
        return {"ARN": SecretId, "VersionIdsToStages": stages}
