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

PINNED = re.compile(r"^\s+(?P<service>[\w-]+):\s.*@sha256:[0-9a-f]{64}\b.*#.*\bcommit (?P<commit>[0-9a-f]{7,40})\b")
DIGITS = 12
"""Of a recorded commit: as many as git itself shows in the largest repositories."""


def built(configuration: Configuration, root: Path) -> dict[str, str]:
    """The commit of each build context, by service; empty for a stack that runs pinned images.

    Without a service whose context is edited, ignored or in no repository: its image is of no commit.
    """
    build = configuration.settings.build
    if build is None:
        return {}
    contexts = {entry.name: build.context_of(entry) for entry in configuration.services}
    commits = {context: of_folder(root / context) for context in set(contexts.values())}
    return {name: commits[context] for name, context in contexts.items() if commits[context]}


def pinned(text: str) -> Mapping[str, str]:
    """The commit that the comment of each pinned image names, by service. `text`: of the stack file."""
    return {found["service"]: found["commit"] for line in text.splitlines() if (found := PINNED.match(line))}


def of_folder(folder: Path) -> str:
    """The commit whose files a folder has; empty if it has others, or git does not know it.

    https://git-scm.com/docs/git-status#_porcelain_format_version_2
    """
    options = ("--porcelain=v2", "--branch", "--no-ahead-behind", "--ignored=matching")
    try:
        found = git.run(folder, "status", *options, "--", ".", check=False)
    except UserError:
        return ""
    lines = found.output.splitlines()
    changed = [line for line in lines if not line.startswith(("#", "! "))]
    ignored = [line for line in lines if line.startswith(("! ./", "! ../"))]  # the whole folder
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid ")), "")
    is_known = re.fullmatch("[0-9a-f]{40,64}", commit) is not None
    return commit[:DIGITS] if is_known and not (found.code or changed or ignored) else ""
