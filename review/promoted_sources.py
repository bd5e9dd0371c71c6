"""The commits of a service's repository between two promoted images, where the pins of the stack file name them.

The log is read from ../mrgnl-<service>.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from config import git
from image import source_commits
from review.changes.concerns.concern import Concern
from review.changes.stack import Changes
from review.nouns import listed

LONGEST = 10
"""Commits of one service."""


def with_commits(changes: Changes, before: str, after: str, siblings: Path) -> Changes:
    """`before` and `after`: the text of the stack file. `siblings`: the folder of the service repositories."""
    old, new = source_commits.pinned(before), source_commits.pinned(after)
    sources = tuple(
        replace(each, before=first, after=last, commits=_log(siblings / f"mrgnl-{each.service}", first, last))
        for each in changes.sources
        for first, last in [(old.get(each.service), new.get(each.service))]
    )
    unknown = [each.service for each in sources if each.after is None]
    concerns = (*changes.concerns, *([_unknown(unknown)] if unknown else []))
    return replace(changes, sources=sources, concerns=tuple(sorted(concerns, key=lambda each: each.rank)))


def _unknown(services: list[str]) -> Concern:
    images = "the new image was" if len(services) == 1 else "the new images were"
    return Concern(
        severity="warning",
        topic="source",
        text=f"{listed(services)}: no commit is recorded from which {images} built, so nobody can review the source",
    )


def _log(repository: Path, first: str | None, last: str | None) -> tuple[str, ...] | None:
    if first is None or last is None or not (repository / ".git").exists():
        return None
    options = ("--no-show-signature", "--format=%h %s", "--end-of-options")
    found = git.run(repository, "log", *options, f"{first}..{last}", check=False)
    if found.code:
        return None
    lines = git.readable(found.output).splitlines()
    more = [f"and {len(lines) - LONGEST} more"] if len(lines) > LONGEST else []
    return (*lines[:LONGEST], *more) or ("no commit: the images are of the same source or of an older one",)
