"""Keeps what bases deployed: while a change is edited, each comparison has the same base."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
        code = _digest(self.code, CODE) if self.folder else ""
        files = _digest(base.folder, ("",)) if code else ""
        if not self.folder or not files:
            return deploy()
        packages = sorted(each.name for each in Path(sysconfig.get_path("purelib")).glob("*.dist-info"))
        key = sha256(f"{code} {files} {sys.version} {self.tools} {packages} {stacks}".encode()).hexdigest()
        if known := self._known(self.folder / key, stacks, home):
            return known
        found = deploy()
        # An error may be one of this time; and the code may have been edited meanwhile.
        if not any(each.errors for each in found.values()) and _digest(self.code, CODE) == code:
            with suppress(OSError):  # such as a folder that cannot be written: then the next comparison takes longer
                self._keep(self.folder, key, home, found)
        return found

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


def _digest(root: Path, names: Iterable[str]) -> str:
    """Of these files and of all in these folders; empty if a link leads out of the root or into a loop."""
    found = sha256()
    try:
        for path in chain.from_iterable(_files(root / each) for each in names):
            mode = path.lstat().st_mode
            content = _content(path) if stat.S_ISREG(mode) else b""
            if stat.S_ISLNK(mode):
                content = bytes(path.resolve().relative_to(root.resolve()))
            name = os.fsencode(path)[len(os.fsencode(root)) :]
            found.update(name + f"\0{mode} {len(content)}\0".encode() + content)
    except (OSError, RuntimeError, ValueError):  # OSError: edited meanwhile
        return ""
    return found.hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except PermissionError:  # it can be read nowhere; its mode is known
        return b""


def _files(path: Path) -> Iterator[Path]:
    """The file, or the files and links in the folder, in a fixed order."""
    if path.is_file():
        yield path
        return
    for folder, folders, files in os.walk(path):
        folders[:] = sorted(each for each in folders if each != "__pycache__")
        links = [each for each in folders if (Path(folder) / each).is_symlink()]
        yield from (Path(folder) / each for each in sorted([*files, *links]))
