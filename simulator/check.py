"""Checks: small pure functions over what the simulated cloud holds, each with the page of AWS that it follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, get_args

from simulator.failure import UndecidedError

Subject = TypeVar("Subject")
Source = Literal[
    "AWS document", "botocore", "CloudFormation schema", "cfn-lint", "provider", "recorded answer", "moto", "nobody"
]
"""What confirms a refusal beside our own belief. `AWS document` is the page of the check itself, which says the claim.

`provider` is the code of the provider, which refuses before it asks AWS. Of a recorded answer that is none of the
recordings, a comment names the issue that quotes it.
"""

SOURCES: tuple[Source, ...] = get_args(Source)


@dataclass(frozen=True, kw_only=True)
class Check(Generic[Subject]):
    reasons: Callable[[Subject], Iterable[str]]
    """One message for each reason to refuse the subject."""
    page: str
    """The address of the page of AWS."""
    confirmed: Source

    @property
    def claim(self) -> str:
        """What AWS accepts, in a sentence."""
        return " ".join((self.reasons.__doc__ or "").split())


@dataclass(frozen=True)
class Checks(Generic[Subject]):
    """The checks of one kind of subject, in their order."""

    name: str
    """What is checked: the token of a resource type, or a description."""
    all: list[Check[Subject]] = field(default_factory=list[Check[Subject]])

    def __call__(
        self, page: str, *, confirmed: Source = "AWS document"
    ) -> Callable[[Callable[[Subject], Iterable[str]]], Callable[[Subject], Iterable[str]]]:
        """Adds the decorated function. Its docstring is the claim."""

        def add(reasons: Callable[[Subject], Iterable[str]]) -> Callable[[Subject], Iterable[str]]:
            self.all.append(Check(reasons=reasons, page=page, confirmed=confirmed))
            return reasons

        return add

    def reasons(self, subject: Subject) -> Iterator[str]:
        """The reasons of all checks. One that a preview cannot decide gives none."""
        for each in self.all:
            with suppress(UndecidedError):
                yield from each.reasons(subject)
