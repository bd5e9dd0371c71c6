"""The URL of one login of the database, in a secret of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, Output, ResourceOptions

PORT = 5432
USER = "marginalia"
"""The master user, and the name of the database."""
PASSWORD_LENGTH = 40
"""Characters. Letters and digits only, so that no URL encoding is needed; RDS allows 8 to 128.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""


@dataclass(frozen=True, kw_only=True)
class Login:
    """How the tasks of a service log in."""

    url: Output[str]
    """The `valueFrom` of DATABASE_URL: the secret's ARN with its version id, so that a rotation deploys new tasks."""
    readable: Sequence[Input[str]]
    """The secrets, by ARN or `valueFrom`, that the execution role may read: also those of former revisions, of which a
    rollback or the autoscaler starts tasks."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A secret and its newest version."""

    arn: Output[str]
    reference: Output[str]
    """The `valueFrom`."""


def url(user: str, password: Input[str] | None, address: Input[str]) -> Output[str]:
    """PostgreSQL 16 on RDS requires TLS. The image lacks the CA certificates of RDS, so verify-full is not possible."""
    of_user = [user] if password is None else [user, ":", password]
    return Output.concat("postgres://", *of_user, "@", address, f":{PORT}/{USER}?sslmode=require")


def stored(name: str, value: Output[str], *, protect: bool, parent: ResourceOptions) -> Stored:
    """Declares a secret with this value."""
    secret = aws.secretsmanager.Secret(
        name,
        # Auto-named: a deleted secret reserves its name until its recovery window ends.
        recovery_window_in_days=30 if protect else 0,
        opts=parent,
    )
    version = aws.secretsmanager.SecretVersion(
        f"{name}-version",
        secret_id=secret.arn,
        secret_string=value,
        # Running tasks, and a rollback, read the version that their task definition names.
        opts=ResourceOptions.merge(parent, ResourceOptions(retain_on_delete=True)),
    )
    return Stored(arn=secret.arn, reference=Output.concat(secret.arn, ":::", version.version_id))
