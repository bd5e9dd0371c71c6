"""The master user of the database: its password, and who may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi_aws as aws
from pulumi import Input, Output, ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceHookOptions
from pulumi.output import UNKNOWN

from components import database_url, logins_in_use
from components.logins_in_use import Users
from config.problems import UserError
from ecs.database import PASSWORD_VARIABLE, URL_VARIABLE


@dataclass(frozen=True, kw_only=True)
class Master:
    """What a container needs to log in as the master user."""

    url: Output[str] | None
    """The `valueFrom` of DATABASE_URL. None if RDS manages the password: then no service is the master user."""
    environment: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    secrets: Mapping[str, Input[str]]


def of_url(reference: Output[str]) -> Master:
    return Master(url=reference, secrets={URL_VARIABLE: reference})


def managed(instance: aws.rds.Instance) -> Master:
    """The secret of RDS is a JSON object. RDS changes the password every seven days, so that no version is named.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    """
    arn = instance.master_user_secrets.apply(_arn)
    return Master(
        url=None,
        environment={URL_VARIABLE: database_url.url(database_url.USER, None, instance.address)},
        secrets={PASSWORD_VARIABLE: Output.concat(arn, ":password::")},
    )


def _arn(secrets: Sequence[Any]) -> Any:
    """Unknown without a secret: so the preview of an update finds an instance whose password RDS will manage.

    https://github.com/terraform-aws-modules/terraform-aws-rds/issues/588
    """
    return secrets[0].secret_arn if secrets else UNKNOWN


def hooks(name: str, users: Users) -> ResourceHookBinding:
    """Of the RDS instance, whose password RDS begins to manage only when no task is the master user any more."""

    async def require(args: ResourceHookArgs) -> None:
        if not (args.old_inputs or {}).get("manageMasterUserPassword"):
            for each in await logins_in_use.of_services(users):
                if each.letter is None:
                    raise UserError(
                        f"{each.service} runs {each.revision}, which is the master user of the database, and RDS would"
                        " give that another password. Set database.logins to moving in the stack file and run"
                        " `pulumi up`. When that has succeeded, set it to own."
                    )

    # In a preview too: it shows what the update would do.
    hook = ResourceHook(f"{name}-master-in-use", require, ResourceHookOptions(on_dry_run=True))
    return ResourceHookBinding(before_update=[hook])
