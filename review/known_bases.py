"""Keeps what bases deployed: while a change is edited, each comparison has the same base."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path

from review.trial import Outcome, Raw
from review.worktree import Copy

KEPT = 4
"""The number of bases. Each takes some megabytes."""
CODE = ("bootstrap", "config", "cost", "ecs", "image", "review", "simulator", "requirements.txt")
"""What deploys a base, beside the base itself. A test compares it with what is imported."""
HOME, DEPLOYED = "home", "deployed.json"


@dataclass(frozen=True)
class KnownBases:
    """Files of earlier comparisons, which may be deleted at any time. Without a folder, nothing is kept."""

    folder: Path | None = None
    code: Path = Path()
    """The checkout whose code runs."""

    def deployed(
        self, base: Copy, stacks: Sequence[str], home: Path, deploy: Callable[[], Mapping[str, Outcome]]
    ) -> Mapping[str, Outcome]:
        """What each stack of the base deploys, in this order, into an empty home: from an earlier time if possible."""
        key = self._key(base, stacks) if self.folder else ""
        if not self.folder or not key:
            return deploy()
        kept = self.folder / key
        with suppress(OSError, ValueError, KeyError, TypeError):  # incomplete, or deleted meanwhile
            deployed: dict[str, Raw] = json.loads((kept / DEPLOYED).read_text())
            shutil.copytree(kept / HOME, home, dirs_exist_ok=True)
            os.utime(kept)
            return {stack: Outcome(resources=deployed[stack], steps=(), errors=()) for stack in stacks}
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        found = deploy()
        if not any(each.errors for each in found.values()):  # an error may be one of this time
            with suppress(OSError):  # such as a folder that cannot be written: then the next comparison takes longer
                self._keep(self.folder, kept, home, found)
        return found

    def _key(self, base: Copy, stacks: Iterable[str]) -> str:
        """Of all that determines what the base deploys; empty if it builds something outside of its copy."""
        found = sha256(f"{sys.version} {list(stacks)}".encode())
        for root, path in (*_files(base.folder), *chain.from_iterable(_files(self.code, each) for each in CODE)):
            target = path.resolve()
            if not target.is_relative_to(root.resolve()):
                return ""
            content = path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b""
            names = f"{path.relative_to(root)}\0{target.relative_to(root.resolve())}"
            found.update(f"{names}\0{os.access(path, os.X_OK)}\0{len(content)}\0".encode() + content)
        return found.hexdigest()

    @staticmethod
    def _keep(folder: Path, kept: Path, home: Path, found: Mapping[str, Outcome]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
            new = Path(temporary) / "new"
            shutil.copytree(home, new / HOME)
            (new / DEPLOYED).write_text(json.dumps({stack: each.resources for stack, each in found.items()}))
            shutil.rmtree(kept, ignore_errors=True)  # if it is incomplete
            new.rename(kept)
        former = sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
        for each in former[KEPT:]:
            shutil.rmtree(each, ignore_errors=True)


UNKNOWN = KnownBases()
"""Keeps nothing."""


def _files(root: Path, name: str = "") -> Iterator[tuple[Path, Path]]:
    """The files and links in a folder of the root, or one file, each with the root, in a fixed order."""
    if (root / name).is_file():
        yield root, root / name
        return
    for folder, folders, files in os.walk(root / name):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        links = [each for each in folders if (Path(folder) / each).is_symlink()]
        yield from ((root, Path(folder) / each) for each in sorted([*files, *links]))
