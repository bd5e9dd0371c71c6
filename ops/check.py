"""What the checks of `verify` read, and the form of their results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError

from config.load import Configuration
from ops.cloud import Cloud
from ops.errors import code
from ops.stack import Description

State = Literal["ok", "problem", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """The result of one check."""

    kind: str
    """What was checked: image, secret, role, name or quota."""
    subject: str
    state: State
    message: str = ""
    """Why the check failed, or why it cannot be told, and the next command; empty if it passed."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the checks read."""

    cloud: Cloud
    stack: str
    configuration: Configuration
    deployed: Description
    """The stack as it is deployed; without services if it is not."""

    @property
    def account(self) -> str:
        return self.configuration.settings.account

    @property
    def region(self) -> str:
        return self.configuration.region

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.account, self.region)


Test = tuple[str, str, Callable[[], Iterable[str]]]
"""The kind, the subject, and a function that yields the problems."""


@contextmanager
def missing(codes: Collection[str], found: list[str], message: str) -> Generator[None]:
    """Adds the message if AWS answers with one of these codes."""
    try:
        yield
    except ClientError as error:
        if code(error) not in codes:
            raise
        found.append(message)
