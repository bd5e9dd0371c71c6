"""The commits of a service's repository between two promoted images, where the stack file names them.

The comment of a pinned image may name the commit that it was built from:

    images:
      promptsvc: 0123…@sha256:… # promoted from dev, commit 1a2b3c4

The log is read from ../mrgnl-<service>. Without both commits, or without that repository, nothing is known.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from config import git
from review.changes.stack import Changes, Source

PINNED = re.compile(r"^\s+(?P<service>[\w-]+):\s.*@sha256:[0-9a-f]{64}\b.*#.*\bcommit (?P<commit>[0-9a-f]{7,40})\b")
LONGEST = 10
"""Commits of one service."""


def with_commits(changes: Changes, before: str, after: str, siblings: Path) -> Changes:
    """`before` and `after`: the text of the stack file. `siblings`: the folder of the service repositories."""
    old, new = recorded(before), recorded(after)
    return replace(changes, sources=tuple(_known(each, old, new, siblings) for each in changes.sources))


def recorded(text: str) -> Mapping[str, str]:
    """The commit that the comment of each pinned image names, by service."""
    return {found["service"]: found["commit"] for line in text.splitlines() if (found := PINNED.match(line))}


def _known(source: Source, old: Mapping[str, str], new: Mapping[str, str], siblings: Path) -> Source:
    name = source.service
    if name not in old or name not in new:
        return source
    return replace(source, commits=_log(siblings / f"mrgnl-{name}", f"{old[name]}..{new[name]}"))


def _log(repository: Path, commits: str) -> tuple[str, ...] | None:
    if not (repository / ".git").exists():
        return None
    options = ("--no-show-signature", "--format=%h %s", "--end-of-options")
    found = git.run(repository, "log", *options, commits, check=False)
    if found.code:
        return None
    lines = git.readable(found.output).splitlines()
    more = [f"and {len(lines) - LONGEST} more"] if len(lines) > LONGEST else []
    return (*lines[:LONGEST], *more) or ("no commit: the images are of the same source or of an older one",)
