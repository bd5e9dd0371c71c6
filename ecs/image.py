"""The source of an image: a build, or a digest in a private ECR repository."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

REFERENCE = (
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com/"
    r"(?P<name>[a-z0-9]+(?:[._/-][a-z0-9]+)*)@(?P<digest>sha256:[0-9a-f]{64})"
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html"""

PROMOTED_TAG = "promoted-"
"""The prefix of the tag of an image that another stack pins."""
SOURCE_TAG = "src-"
"""The prefix of the tag that names the commit of an image's source."""


@dataclass(frozen=True, kw_only=True)
class Build:
    """The build of an image, and the accounts that may pull it."""

    context: str
    """The build context, relative to the program. An absolute path would differ between checkouts."""
    consumers: Sequence[str] = ()
    """Other accounts that may pull the image."""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """An ECR repository. Its ARN follows from its name, so it may not exist yet."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:aws:ecr:{self.region}:{self.account}:repository/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """An image by digest, the only form in which a task definition names one."""

    repository: Repository
    digest: str

    @staticmethod
    def parse(text: str) -> Reference:
        """Raises ValueError unless the text is `<account>.dkr.ecr.<region>.amazonaws.com/<name>@sha256:<64 hex>`."""
        if not (match := re.fullmatch(REFERENCE, text)):
            raise ValueError(text)
        repository = Repository(account=match["account"], region=match["region"], name=match["name"])
        return Reference(repository=repository, digest=match["digest"])

    def __str__(self) -> str:
        repository = self.repository
        return f"{repository.account}.dkr.ecr.{repository.region}.amazonaws.com/{repository.name}@{self.digest}"
