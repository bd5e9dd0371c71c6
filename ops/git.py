"""Reads the state of a stack file from git."""

from __future__ import annotations

import subprocess
from pathlib import Path

from config.problems import UserError


def has_changes(path: Path) -> bool:
    """Whether the file has uncommitted changes. Raises UserError if git is missing or fails."""
    try:
        status = subprocess.run(
            ["git", "status", "--porcelain", "--", path.name],  # noqa: S607, the git on PATH
            cwd=path.parent,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise UserError(
            f"{path.name}: git is not on PATH. Install it; a promotion requires a committed stack file."
        ) from None
    if status.returncode:
        reported = " ".join(status.stderr.split())
        raise UserError(f"{path.name}: git status failed ({reported}).")
    return bool(status.stdout)
