"""A clone of this repository, for commands that are run as a user types them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from config import git
from tests.declared import ROOT, STACKS

IDENTITY = {"GIT_AUTHOR_NAME": "reader", "GIT_AUTHOR_EMAIL": "reader@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "reader", "GIT_COMMITTER_EMAIL": "reader@example.com"}


def environment() -> dict[str, str]:
    """Without what `make test` gives its recipes: a make below another one reports the folders that it enters."""
    ours = {name: value for name, value in git.environment().items() if not name.startswith(("MAKE", "MFLAGS"))}
    return {**ours, **IDENTITY, **COMMITTER}


def clone_in(folder: Path) -> Path:
    """What `git clone` gives, after the setup of the first target, with the tests' own stack files."""
    root = folder / "mrgnl-infra"
    for name in git.run(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").items():
        if (ROOT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, root / name)
    for file in STACKS.iterdir():
        shutil.copy(file, root)
    for name in (".venv", ".cache"):
        (root / name).symlink_to((ROOT / name).resolve())
    os.utime(root / "tools" / "requirements" / "dev.txt", (0, 0))  # older than .venv/.ready: nothing is installed
    run("git init --quiet --initial-branch main", root)
    run("printf '/.venv\n/.cache\n' >> .git/info/exclude && git add --all && git commit --quiet -m first", root)
    return root


def run(command: str, folder: Path) -> str:
    """The output of a command of the shell."""
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout
