"""Redirects the symbolic links in a copy of a folder that would lead elsewhere than the originals."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def redirect(original: Path, copy: Path, path: str) -> None:
    """Redirects the links below `path` in the copy.

    A link out of the original folder, or to a file that the copy does not have, leads to the same target as before. An
    absolute link into the original folder leads into the copy.
    """
    for link in _links(copy / path):
        folder = original / link.relative_to(copy).parent
        target = Path(os.path.normpath(folder / link.readlink()))
        inside = copy / target.relative_to(original) if target.is_relative_to(original) else None
        if inside is not None and (os.path.lexists(inside) or not os.path.lexists(target)):
            new = inside if link.readlink().is_absolute() else None
        else:
            new = target if os.path.lexists(target) else None
        if new:
            link.unlink()
            link.symlink_to(new)


def _links(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if (path := Path(parent, name)).is_symlink())
