"""What a service or a job needs of the stack, as the containers of its tasks get it."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi import Input

from components.bucket import Bucket
from components.database_url import Login
from config.catalogue import Entry, Job
from ecs.database import URL_VARIABLE


def secrets(own: Mapping[str, str], login: Login | None) -> dict[str, Input[str]]:
    """The `valueFrom` of each secret, by environment variable, with that of the database's URL."""
    return {**own, **({URL_VARIABLE: login.url} if login else {})}


def readable(own: Mapping[str, str], login: Login | None) -> list[Input[str]]:
    """The secrets that ECS may read to start a task of this or a former revision."""
    return [*own.values(), *(login.readable if login else [])]


def environment(entry: Entry | Job, bucket: Bucket | None) -> dict[str, Input[str]]:
    """The variables that lead to no other service."""
    return {**entry.environment, **({"S3_BUCKET": bucket.bucket_name} if bucket else {})}
