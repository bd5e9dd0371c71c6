"""Reads the state of a stack file from git."""

from __future__ import annotations

from pathlib import Path

from config import git
from config.problems import UserError


def has_changes(path: Path) -> bool:
    """Whether the file differs from the last commit, also if git ignores it. Raises UserError if git fails."""
    options = ("--porcelain", "--untracked-files=all", "--ignored")
    try:
        return bool(git.run(path.parent, "status", *options, "--", path.name).output)
    except UserError as error:
        raise UserError(f"{path.name}: {error} A promotion requires a committed stack file.") from None
