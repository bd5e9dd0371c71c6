"""Provides the build contexts that are siblings of a checkout, such as ../mrgnl-authsvc, to copies of the checkout."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from config import catalogue
from config.catalogue import CatalogueError
from config.problems import UserError
from config.stackfile import KEY, stacks
from simulator.program import Program

SAMPLE = Path("image", "sample")
"""The substitute for a missing context."""


def link(root: Path, copies: Iterable[Path]) -> list[str]:
    """Links the sibling contexts of `root` that a stack file of any copy builds into the parent folder of each copy.

    All copies build the same sources. A missing context is replaced by the sample of `root`. Returns the missing
    contexts, as `../mrgnl-authsvc`.
    """
    copies = list(copies)
    missing: list[str] = []
    for context in sorted({context for copy in copies for context in _contexts(copy)}):
        name = context.parts[1]
        source = root.parent / name
        if source.is_dir():
            for copy in copies:
                if not (sibling := copy.parent / name).exists():  # linked for another context, or the copy itself
                    sibling.symlink_to(source)
        elif (root / SAMPLE).is_dir():
            missing.append(str(context))
            for copy in copies:
                shutil.copytree(root / SAMPLE, copy.parent.joinpath(*context.parts[1:]), dirs_exist_ok=True)
    return missing


def _contexts(root: Path) -> Iterator[PurePosixPath]:
    """The sibling contexts of all services in all stack files."""
    for stack in stacks(root):
        try:
            configured = str(Program(root).config(stack)[KEY]["build"]["context"])
        except (UserError, KeyError, TypeError):
            continue  # it builds nothing, or the deployment reports the problem in it
        for service in _services(root):
            parts = PurePosixPath(configured.replace("{service}", service)).parts
            if len(parts) > 1 and parts[0] == ".." and ".." not in parts[1:]:
                yield PurePosixPath(*parts)


def _services(root: Path) -> list[str]:
    """Empty for an invalid catalogue: the deployment reports its problems."""
    try:
        return list(catalogue.load(root).names)
    except CatalogueError:
        return []
