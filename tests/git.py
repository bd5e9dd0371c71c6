"""Runs git in a folder, with an identity for commits."""

from __future__ import annotations

from pathlib import Path

from config import git as config_git


def git(folder: Path, *arguments: str) -> str:
    """The output of a git command. Raises UserError."""
    return config_git.run(folder, *config_git.IDENTITY, *arguments).output


def commit_all(folder: Path) -> None:
    """Creates a repository in the folder and commits every file."""
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "first")
