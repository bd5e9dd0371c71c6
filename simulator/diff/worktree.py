"""A commit and the working tree, each in a folder of its own, as long as it is needed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from simulator.errors import SimulatorError


def commit(root: Path, reference: str) -> str:
    """The full hash. Raises SimulatorError for what names no commit."""
    found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    if found.returncode:
        raise SimulatorError(
            f"--base {reference!r}: no commit of this repository;"
            " a branch, a tag or a hash that was fetched, such as main"
        )
    return found.stdout.strip()


@contextmanager
def checked_out(root: Path, revision: str) -> Generator[Path]:
    """The commit's files, detached, in a folder of the checkout's name. It goes with the context, whatever ends it."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-base-") as folder:
        path = Path(folder) / root.name
        made = _git(root, "worktree", "add", "--quiet", "--detach", str(path), revision)
        if made.returncode:
            raise SimulatorError(f"git cannot check {revision[:12]} out: {made.stderr.strip()}")
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            _git(root, "worktree", "prune")


@contextmanager
def copied(root: Path) -> Generator[Path]:
    """The working tree as it is, less what git ignores, in a folder of the checkout's name."""
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        raise SimulatorError(f"git cannot list the files of the working tree: {listed.stderr.strip()}")
    with tempfile.TemporaryDirectory(prefix="mrgnl-head-") as folder:
        path = Path(folder) / root.name
        path.mkdir()
        for name in sorted({each for each in listed.stdout.split("\0") if each}):
            _copy(root / name, path / name)
        yield path


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():  # a repository in this one: git lists it as one entry
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    elif source.exists() or source.is_symlink():  # not what is deleted
        shutil.copy2(source, target, follow_symlinks=False)


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git = shutil.which("git")
    if git is None:
        raise SimulatorError("git is not on PATH; install it, the base commit comes from it")
    return subprocess.run([git, "-C", str(root), *arguments], capture_output=True, text=True, check=False)
