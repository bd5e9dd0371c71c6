"""Another commit of this repository in a folder of its own, as long as it is needed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from simulator.errors import SimulatorError
from simulator.program import Program


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
    """The commit's files, detached. The folder goes with the context, whatever ends it.

    It has the checkout's own name, and beside it lie the folders that lie beside the checkout and that a stack file
    builds: a build context such as ../mrgnl-authsvc is the same for both commits.
    """
    with tempfile.TemporaryDirectory(prefix="mrgnl-base-") as folder:
        path = Path(folder) / root.name
        made = _git(root, "worktree", "add", "--quiet", "--detach", str(path), revision)
        if made.returncode:
            raise SimulatorError(f"git cannot check {revision[:12]} out: {made.stderr.strip()}")
        try:
            for sibling in _siblings(root, path):
                (Path(folder) / sibling.name).symlink_to(sibling)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            _git(root, "worktree", "prune")


def _siblings(root: Path, worktree: Path) -> Iterable[Path]:
    """Folders beside the checkout that a stack file of either commit may build."""
    for pattern in sorted({each for program in (root, worktree) for each in _contexts(Program(program))}):
        yield from (path for path in root.parent.glob(pattern) if path.is_dir() and path != root)


def _contexts(program: Program) -> Iterable[str]:
    for stack in stacks(program.root):
        try:
            context = str(program.config(stack)["marginalia:stack"]["build"]["context"])
        except (SimulatorError, KeyError, TypeError):
            continue  # builds nothing; or what is wrong with it is said when the stack is brought up
        first = context.removeprefix("../").partition("/")[0]
        if context.startswith("../") and first not in ("", ".", ".."):
            yield first.replace("{service}", "*")


def stacks(root: Path) -> list[str]:
    return sorted(path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml"))


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    git = shutil.which("git")
    if git is None:
        raise SimulatorError("git is not on PATH; install it, the base commit comes from it")
    return subprocess.run([git, "-C", str(root), *arguments], capture_output=True, text=True, check=False)
