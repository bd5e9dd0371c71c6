"""Which logins of the database the tasks of the services use now, as ECS says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError
from pulumi import Output, ResourceHook, ResourceHookArgs

from config.problems import UserError
from ecs import clients
from ecs.database import URL_VARIABLE, Letter, Passwords, login

MOST = 10
"""Services in one request: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html"""


@dataclass(frozen=True, kw_only=True)
class Users:
    """The services that use the database, and their logins."""

    passwords: Passwords
    services: Sequence[str]
    """The names of the entries, also of jobs."""
    cluster: str
    """The ARN."""
    region: str


@dataclass(frozen=True, kw_only=True)
class InUse:
    service: str
    revision: str
    """Of the task definition, such as mrgnl-promptsvc:7."""
    letter: Letter | None
    """None: the master user."""
    reference: str
    """The `valueFrom` of DATABASE_URL."""


def secret_name(service: str, letter: Letter) -> str:
    """The logical name of a login's secret, with which Pulumi begins its name in AWS."""
    return f"database-url-{service}-{letter}"


def unless_used(name: str, users: Users, urls: Mapping[str, Output[str]]) -> ResourceHook:
    """A hook before the passwords of these logins change, by service: the `valueFrom` of the URLs with the new ones.

    No task may still have a former password of them, as after a rotation whose rollout failed.
    """

    async def require(_: ResourceHookArgs) -> None:
        wanted = cast(dict[str, str], await Output.all(**urls).future())
        revision, letter = users.passwords.revision, users.passwords.letter
        for each in await of_services(users):
            if each.letter == letter and each.reference != wanted[each.service]:
                raise UserError(
                    f"{each.service} runs {each.revision} with the former password of {login(each.service, letter)},"
                    f" which cannot change now. Set database.password-revision to {revision - 1 or revision + 1} in the"
                    " stack file and run `pulumi up --refresh`. When that has succeeded, increment it."
                )

    return ResourceHook(name, require)


async def of_services(users: Users) -> list[InUse]:
    """The logins of all revisions of which ECS runs tasks or starts some. Raises UserError."""
    # In a thread: this one runs the program and the hooks of all resources.
    try:
        return await asyncio.to_thread(lambda: list(_in_use(users)))
    except (BotoCoreError, ClientError) as error:
        raise UserError(f"logins: ECS did not say which of them the services use: {error}") from None


def _in_use(users: Users) -> Iterator[InUse]:
    ecs = clients.client("ecs", users.region)
    for first in range(0, len(users.services), MOST):
        for service in _services(ecs, users, users.services[first : first + MOST]):
            for arn in dict.fromkeys(each["taskDefinition"] for each in service["deployments"]):
                yield from _references(ecs, service["serviceName"], arn)


def _services(ecs: Any, users: Users, names: Sequence[str]) -> list[dict[str, Any]]:
    """Those that exist."""
    try:
        return ecs.describe_services(cluster=users.cluster, services=[*names])["services"]
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ClusterNotFoundException":
            return []
        raise


def _references(ecs: Any, service: str, arn: str) -> Iterator[InUse]:
    definition = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
    for container in definition["containerDefinitions"]:
        for secret in container.get("secrets", []):
            if secret["name"] == URL_VARIABLE:
                name = re.search(rf":secret:database-url-{re.escape(service)}-([ab])-", secret["valueFrom"])
                yield InUse(
                    service=service,
                    revision=arn.rpartition("/")[2],
                    letter=cast(Letter, name[1]) if name else None,
                    reference=secret["valueFrom"],
                )
