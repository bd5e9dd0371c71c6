"""The commits of the services' sources: those of the build contexts, and those that the pins of a stack file name.

The comment of a pinned image may name the commit that it was built from:

    images:
      promptsvc: 0123…@sha256:… # promoted from dev, 2026-11-26, commit 1a2b3c4d5e6f
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from config import git
from config.load import Configuration
from config.problems import UserError
from ecs.image import Build
from image import dockerignore

PINNED = re.compile(
    r"^\s+[\"']?(?P<service>[\w-]+)[\"']?:\s.*@sha256:[0-9a-f]{64}\b.*#.*\bcommit (?P<commit>[0-9a-f]{7,40})\b"
)
IGNORE_FILE = "image/Dockerfile.dockerignore"
DIGITS = 12
"""Of a recorded commit: as many as git itself shows in the largest repositories."""


def built(configuration: Configuration, root: Path) -> dict[str, str]:
    """The commit of each build context, by service or job; empty for a stack that runs pinned images.

    Without a service whose context has other files than the commit, or is in no repository: its image is of no commit.
    """
    images = {entry.name: configuration.image(entry) for entry in configuration.owners}
    contexts = {name: image.context for name, image in images.items() if isinstance(image, Build)}
    commits = {context: of_context(root / context, root) for context in set(contexts.values())}
    return {name: commits[context] for name, context in contexts.items() if commits[context]}


def comment(change: str, day: str, commit: str | None) -> str:
    """The comment of a pinned image, which `pinned` reads. `change`: such as `promoted from dev`."""
    return f"{change}, {day}{f', commit {commit}' if commit else ''}"


def pinned(text: str) -> Mapping[str, str]:
    """The commit that the comment of each pinned image names, by service. `text`: of the stack file."""
    return {found["service"]: found["commit"] for line in text.splitlines() if (found := PINNED.match(line))}


def of_context(context: Path, root: Path) -> str:
    """The commit that has all files of a build context; empty without one. `root`: the folder of the Dockerfile's.

    A file that git ignores is a file of the context, unless Docker ignores it, too.
    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    options = ("--untracked-files=normal", "--ignored=matching", "--ignore-submodules=none", "--no-ahead-behind")
    try:
        found = git.run(context, "status", "-z", "--porcelain=v2", "--branch", *options, "--", ".", check=False)
    except UserError:
        return ""
    items = list(found.items())
    # A renamed file is followed by its former path, which has no mark: also a change.
    ignored = [item[2:] for item in items if item.startswith("! ")]
    changed = [item for item in items if not item.startswith(("# ", "! "))]
    commit = next((item.split()[-1] for item in items if item.startswith("# branch.oid ")), "")
    is_known = re.fullmatch("[0-9a-f]{40,64}", commit) is not None
    return commit[:DIGITS] if is_known and not (found.code or changed or _sends(context, ignored, root)) else ""


def _sends(context: Path, ignored: list[str], root: Path) -> bool:
    """Whether Docker gets any of the paths that git ignores, which are relative to the repository."""
    if not ignored:
        return False
    top = git.run(context, "rev-parse", "--show-toplevel", check=False).line
    hidden = [Path(top) / each for each in ignored]
    patterns = dockerignore.read(root / IGNORE_FILE)
    try:
        sent = [context.resolve() / path for path, _ in dockerignore.files(context, patterns)]
    except OSError:
        return True
    return any(file.is_relative_to(each) for file in sent for each in hidden)
