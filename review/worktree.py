"""Checks out a commit, and copies the working tree, into temporary folders."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from config.problems import UserError


def commit(root: Path, reference: str) -> str:
    """The full hash. Raises UserError when the reference names no commit."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if found.returncode:
        raise UserError(
            f"--base {reference!r}: not a commit in this repository."
            " Give a branch, a tag or a hash that was fetched, such as main."
        )
    return found.stdout.strip()


@contextmanager
def checked_out(root: Path, revision: str) -> Generator[Path]:
    """A detached worktree of the commit, in a folder with the checkout's name. Removed with the context."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-base-") as folder:
        path = Path(folder) / root.name
        added = _git(root, "worktree", "add", "--quiet", "--detach", str(path), revision)
        if added.returncode:
            raise UserError(f"git cannot check out {revision[:12]}: {added.stderr.strip()}")
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            _git(root, "worktree", "prune")


@contextmanager
def copied(root: Path) -> Generator[Path]:
    """A copy of the working tree without ignored files, in a folder with the checkout's name."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        raise UserError(f"git cannot list the files of the working tree: {listed.stderr.strip()}")
    with tempfile.TemporaryDirectory(prefix="mrgnl-head-") as folder:
        path = Path(folder) / root.name
        path.mkdir()
        for name in sorted({each for each in listed.stdout.split("\0") if each}):
            _copy(root / name, path / name)
        yield path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():  # a nested repository, which git lists as one entry
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    elif source.exists() or source.is_symlink():  # a deleted file is still listed
        shutil.copy2(source, target, follow_symlinks=False)


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git = shutil.which("git")
    if git is None:
        raise UserError("git is not on PATH. Install it: it checks out the base commit.")
    return subprocess.run([git, "-C", str(root), *arguments], capture_output=True, text=True, check=False)
