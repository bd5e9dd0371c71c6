"""Keeps what bases deployed: while a change is edited, each comparison has the same base."""

from __future__ import annotations

import json
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path

from review.trial import Outcome
from review.worktree import Copy

KEPT = 4
"""The number of bases. Each takes some megabytes."""
CODE = ("bootstrap", "config", "cost", "ecs", "image", "review", "simulator", "requirements.txt")
"""The files of this checkout that deploy a base. A test compares them with what is imported."""
HOME, DEPLOYED = "home", "deployed.json"


@dataclass(frozen=True)
class KnownBases:
    """Files of earlier comparisons, which may be deleted at any time. Without a folder, nothing is kept."""

    folder: Path | None = None
    code: Path = Path()
    """The checkout whose code runs."""
    tools: str = ""
    """The version of the CLI, and whatever else decides what a base deploys and is no file."""

    def deployed(
        self, base: Copy, stacks: Sequence[str], home: Path, deploy: Callable[[], Mapping[str, Outcome]]
    ) -> Mapping[str, Outcome]:
        """What each stack of the base deploys, in this order, into an empty home: from an earlier time if possible."""
        key = self._key(base, stacks) if self.folder else ""
        if not self.folder or not key:
            return deploy()
        if known := self._known(self.folder / key, stacks, home):
            return known
        found = deploy()
        # An error may be one of this time; and the code may have been edited meanwhile.
        if not any(each.errors for each in found.values()) and self._key(base, stacks) == key:
            with suppress(OSError):  # such as a folder that cannot be written: then the next comparison takes longer
                self._keep(self.folder, key, home, found)
        return found

    def _key(self, base: Copy, stacks: Sequence[str]) -> str:
        """Of all that determines what the base deploys; empty if it builds something outside of its copy."""
        packages = sorted(each.name for each in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
        found = sha256(f"{sys.version}\0{self.tools}\0{packages}\0{stacks}".encode())
        try:
            for root, path in (*_files(base.folder), *chain.from_iterable(_files(self.code, each) for each in CODE)):
                target, top = path.resolve(), root.resolve()
                if not target.is_relative_to(top):
                    return ""
                content = path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b""
                found.update(os.fsencode(f"{path.relative_to(root)}\0{target.relative_to(top)}\0"))
                found.update(f"{os.access(path, os.X_OK)}\0{len(content)}\0".encode() + content)
        except (OSError, RuntimeError):  # edited meanwhile; a loop of links
            return ""
        return found.hexdigest()

    @staticmethod
    def _known(kept: Path, stacks: Sequence[str], home: Path) -> Mapping[str, Outcome]:
        """Copies a kept home. Empty if there is none, or if a part of it is missing."""
        try:
            known = json.loads((kept / DEPLOYED).read_text())
            shutil.copytree(kept / HOME, home, dirs_exist_ok=True)
            if _names(home) == known["files"]:
                with suppress(OSError):  # it is only older then
                    os.utime(kept)
                return {each: Outcome(resources=known["resources"][each], steps=(), errors=()) for each in stacks}
        except (OSError, ValueError, KeyError, TypeError):
            pass
        for each in home.iterdir():
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        return {}

    @staticmethod
    def _keep(folder: Path, key: str, home: Path, found: Mapping[str, Outcome]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        known = {"files": _names(home), "resources": {stack: each.resources for stack, each in found.items()}}
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as temporary:
            new = Path(temporary) / "new"
            shutil.copytree(home, new / HOME)
            (new / DEPLOYED).write_text(json.dumps(known))
            others = sorted(
                (each for each in folder.iterdir() if each != Path(temporary)), key=lambda each: -each.stat().st_mtime
            )
            for each in (folder / key, *others[KEPT - 1 :]):
                with suppress(FileNotFoundError):  # moved first, so that nobody reads a part of it
                    each.rename(Path(temporary) / each.name)
            new.rename(folder / key)


NONE = KnownBases()
"""Keeps nothing."""


def _names(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


def _files(root: Path, name: str = "") -> Iterator[tuple[Path, Path]]:
    """The files and links in a folder of the root, or one file, each with the root, in a fixed order."""
    if (root / name).is_file():
        yield root, root / name
        return
    for folder, folders, files in os.walk(root / name):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        links = [each for each in folders if (Path(folder) / each).is_symlink()]
        yield from ((root, Path(folder) / each) for each in sorted([*files, *links]))
