"""The password of a master user that RDS manages, and its secret in Secrets Manager. The simulator stores no value.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
"""

from __future__ import annotations

import uuid
from typing import Any

from ecs import types
from simulator import logins
from simulator.aws.values import mappings
from simulator.cloud import Request
from simulator.store import Object, Properties, Store

MANAGED = "manageMasterUserPassword"
KEYS = "jsonKeys"
"""The internal property of a secret's version: the keys of the JSON object that it contains, without their values."""


def password(request: Request) -> str | None:
    """The digest of the master user's password. Turning the management on changes the password."""
    return logins.digest(_arn(request) if request.inputs.get(MANAGED) else request.inputs.get("password"))


def described(request: Request) -> list[Properties]:
    """`MasterUserSecret`, in a list: none unless RDS manages the password."""
    arn = _arn(request)
    return [{"secretArn": arn, "secretStatus": "active"}] if request.inputs.get(MANAGED) else []


def _arn(request: Request) -> str:
    """The name of the secret has the resource ID of the instance, which the simulator has no other use for."""
    digits = logins.digest(request.id or f"db-{request.generated['base32']}") or ""
    name = f"rds!db-{uuid.UUID(hex=digits[:32], version=4)}-{digits[-6:]}"
    return f"arn:aws:secretsmanager:{request.region}:{request.account}:secret:{name}"


def secrets(store: Store, arn: str) -> list[Object]:
    """The secret with this ARN, as an object of the update that created or changed its instance."""
    return [_object(each, types.SECRET, arn, {"arn": arn}) for each in _instances(store, arn)]


def versions(store: Store, arn: str) -> list[Object]:
    """Its version. RDS replaces it every seven days."""
    properties: Properties = {
        "secretId": arn,
        "versionId": (logins.digest(arn) or "")[:32],
        KEYS: ["username", "password"],
    }
    return [_object(each, types.SECRET_VERSION, arn, properties) for each in _instances(store, arn)]


def _instances(store: Store, arn: str) -> list[Object]:
    if ":secret:rds!" not in arn:
        return []
    return [
        each
        for each in store.find(types.DB_INSTANCE)
        if arn in [secret["secretArn"] for secret in mappings(each.properties.get("masterUserSecrets"))]
    ]


def _object(instance: Object, kind: str, id: str, properties: dict[str, Any]) -> Object:
    where = {"account": instance.account, "region": instance.region, "urn": instance.urn, "run": instance.run}
    return Object(kind=kind, id=id, properties=properties, **where)
