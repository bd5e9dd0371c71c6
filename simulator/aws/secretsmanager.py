"""Secrets. https://docs.aws.amazon.com/secretsmanager/latest/apireference/"""

from __future__ import annotations

from simulator.cloud import ResourceType

SECRET = "aws:secretsmanager/secret:Secret"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"

TYPES = {
    SECRET: ResourceType(
        id="arn:aws:secretsmanager:{region}:{account}:secret:{name}-{suffix}",
        outputs={"arn": "{id}"},
        replaces=frozenset({"name"}),
        named="name",
        deletes_with_it=lambda call: call.all(SECRET_VERSION, secretId=call.id),
    ),
    SECRET_VERSION: ResourceType(
        id="{secretId}|{hex}",
        outputs={"arn": "{secretId}", "versionId": "{hex}"},
        replaces=frozenset({"secretId", "secretString"}),
        # Without its label a version is deprecated, and still there for who names it by its id.
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version
        stays=lambda _: True,
        refers={"secretId": (SECRET, "arn")},
        holds=False,
    ),
}
