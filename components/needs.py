"""What a service or a job needs of the stack, as the containers of its tasks get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi import Input

from components.bucket import Bucket
from components.database import Database
from components.database_url import Login
from components.platform import Platform
from config.catalogue import Entry, Job
from ecs.database import URL_VARIABLE


@dataclass(frozen=True, kw_only=True)
class Needs:
    platform: Platform
    entry: Entry | Job
    named: Mapping[str, str]
    """The `valueFrom` of each secret that the entry names, by environment variable."""

    @property
    def database(self) -> Database | None:
        return self.platform.database if self.entry.database else None

    @property
    def login(self) -> Login | None:
        return self.platform.login(self.entry.name) if self.entry.database else None

    @property
    def bucket(self) -> Bucket | None:
        return self.platform.bucket if self.entry.bucket else None

    @property
    def secrets(self) -> dict[str, Input[str]]:
        """The `valueFrom` of each secret, by environment variable, with that of the database's URL."""
        return {**self.named, **({URL_VARIABLE: self.login.url} if self.login else {})}

    @property
    def readable(self) -> list[Input[str]]:
        """The secrets that ECS may read to start a task of this or a former revision."""
        return [*self.named.values(), *(self.login.readable if self.login else [])]

    @property
    def environment(self) -> dict[str, Input[str]]:
        """The variables that lead to no other service."""
        return {**self.entry.environment, **({"S3_BUCKET": self.bucket.bucket_name} if self.bucket else {})}
