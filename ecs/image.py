"""Where an image lies: a repository of a private registry, and the digest in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

REFERENCE = (
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/"
    r"(?P<name>[a-z0-9]+(?:[._/-][a-z0-9]+)*)@(?P<digest>sha256:[0-9a-f]{64})"
)


@dataclass(frozen=True, kw_only=True)
class Repository:
    """An ECR repository, known by its name before it exists."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image by its digest: the only way in which a task names one."""

    repository: Repository
    digest: str

    @staticmethod
    def parse(text: str) -> Reference:
        """Raises ValueError for anything but `<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:<64 hex>`."""
        if not (match := re.fullmatch(REFERENCE, text)):
            raise ValueError(text)
        where = Repository(account=match["account"], region=match["region"], name=match["name"])
        return Reference(repository=where, digest=match["digest"])

    def __str__(self) -> str:
        where = self.repository
        return f"{where.account}.dkr.ecr.{where.region}.amazonaws.com/{where.name}@{self.digest}"
