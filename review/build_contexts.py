"""Provides the build contexts outside a checkout, such as ../mrgnl-authsvc, to copies of the checkout."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from config import catalogue
from config.catalogue import CatalogueError
from config.problems import UserError
from config.stackfile import KEY, stacks
from review.worktree import Copy
from simulator.program import Program

SAMPLE = Path("image", "sample")
"""The substitute for a missing context."""


def provide(base: Copy, head: Copy) -> list[str]:
    """Provides every context that a stack file of either copy builds. Returns the missing ones, as `../mrgnl-authsvc`.

    A folder of the same repository is copied from both commits. Any other one, such as another checkout or an ignored
    folder, is linked: both copies build the same sources. A missing sibling is replaced by the sample.
    """
    copies, repository = (base, head), base.repository
    missing: list[str] = []
    relative = {each for copy in copies for each in _contexts(copy.root) if each.parts and not each.is_absolute()}
    for context in sorted(relative):
        source = Path(os.path.normpath(repository.root / context))
        if source.is_relative_to(repository.top) and not source.is_relative_to(repository.root):
            for copy in copies:
                copy.add(_in_repository(repository.top, source))
        if any(copy.of(source).exists() for copy in copies):
            continue
        if source.exists():
            outside = not source.is_relative_to(repository.top)
            _link(_first_below_common(source, repository.root) if outside else source, copies)
        elif context.parts[0] == ".." and ".." not in context.parts[1:] and (head.root / SAMPLE).is_dir():
            missing.append(str(context))
            for copy in copies:
                _copy_sample(head.root / SAMPLE, copy.of(source))
    return missing


def has_absolute(copy: Copy) -> bool:
    """Whether a stack file builds a folder by its absolute path, which is in no copy."""
    return any(each.is_absolute() for each in _contexts(copy.root))


def _in_repository(top: Path, source: Path) -> str:
    """The path below the top: that of the submodule, if the context is in one."""
    path = source.relative_to(top)
    submodules = [each for each in path.parents if each.parts and os.path.lexists(top / each / ".git")]
    return str(submodules[-1] if submodules else path).removeprefix(".")


def _first_below_common(source: Path, root: Path) -> Path:
    """The folder that has the source, next to the checkout or to a parent of it."""
    common = len(Path(os.path.commonpath([source, root])).parts)
    return Path(*source.parts[: common + 1])


def _link(source: Path, copies: tuple[Copy, ...]) -> None:
    for copy in copies:
        target = copy.of(source)
        if not os.path.lexists(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source)


def _copy_sample(sample: Path, target: Path) -> None:
    try:
        shutil.copytree(sample, target, symlinks=True, dirs_exist_ok=True)
    except OSError as error:
        raise UserError(f"{SAMPLE}: cannot be copied ({error}).") from None


def _contexts(root: Path) -> Iterator[PurePosixPath]:
    """The contexts of all services in all stack files."""
    for stack in stacks(root):
        try:
            configured = str(Program(root).config(stack)[KEY]["build"]["context"])
        except (UserError, KeyError, TypeError):
            continue  # it builds nothing, or the deployment reports the problem in it
        for service in _services(root):
            yield PurePosixPath(configured.replace("{service}", service))


def _services(root: Path) -> list[str]:
    """Empty for an invalid catalogue: the deployment reports its problems."""
    try:
        return [each.name for each in catalogue.load(root).built]
    except CatalogueError:
        return []
