"""Copies a commit and the working tree into temporary folders, without a write to the user's repository.

A file that git reports as unchanged since the commit is copied from the working tree into both: a umask, a line ending
or a filter that differs from the time of the checkout is no change.
"""

from __future__ import annotations

import os
import shlex
import shutil
import stat
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePath

from config import git
from config.problems import UserError
from review import links

GITLINK = "160000"
"""The mode of a submodule in a tree. https://git-scm.com/docs/gitdatamodel"""


@dataclass(frozen=True, kw_only=True)
class Repository:
    """The repository that has the program, in its top folder or below it."""

    top: Path
    prefix: str
    """The program's folder below the top: empty or such as `deploy/infra`."""

    @classmethod
    def of(cls, root: Path) -> Repository:
        """Raises UserError, in git's words, if there is no repository or git refuses it."""
        root = root.resolve()  # as git shows the prefix
        prefix = git.run(root, "rev-parse", "--show-prefix").line.removesuffix("/")
        return cls(top=root.parents[prefix.count("/")] if prefix else root, prefix=prefix)

    @property
    def root(self) -> Path:
        return self.top / self.prefix


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A temporary copy of the working tree or, with `commit`, of a commit. It mirrors the path of the original."""

    repository: Repository
    folder: Path
    commit: str = ""
    notes: list[str] = field(default_factory=list[str])
    """What the copy does not have."""

    @property
    def root(self) -> Path:
        """The copy of the program's folder."""
        return self.of(self.repository.root)

    def of(self, path: Path) -> Path:
        """The location in this copy of an absolute path."""
        return self.folder / path.relative_to(path.anchor)

    def add(self, path: str) -> None:
        """Copies this folder of the repository, or all of it if the path is empty. Raises UserError."""
        top = self.repository.top
        try:
            if self.commit:
                self._add_commit(top, self.commit, path)
            else:
                self._add_working_tree(top, path)
            links.redirect(top, self.of(top), path)
        except OSError as error:
            where = git.readable(os.fsdecode(error.filename or self.folder))
            raise UserError(f"{where}: cannot be copied ({error.strerror}).") from None

    def _add_working_tree(self, top: Path, path: str) -> None:
        listed = git.run(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", path or ".")
        if listed.errors:  # such as a folder that cannot be read
            self.notes.append(f"git ls-files: {git.readable(listed.reason)}")
        submodules, copy = _submodules(top, path), _copying(top, self.of(top))
        for name in sorted(set(listed.items())):
            if name in submodules and not (top / name).is_symlink():
                if _is_repository(top / name):
                    self._add_working_tree(top / name, "")
                else:
                    self.notes.append(_not_checked_out(self._shown(top / name)))
            else:
                copy(name)

    def _add_commit(self, top: Path, commit: str, path: str) -> None:
        in_commit = _entries(top, commit, path)
        changed = _changed(top, commit, path, temporary=self.folder)
        hidden, submodules, copy = _hidden(top, path), _submodules(top, path), _copying(top, self.of(top))
        written: list[str] = []
        for name, (mode, identifier) in in_commit.items():
            if mode == GITLINK:
                self._add_submodule(top / name, identifier, in_index=name in submodules)
            elif name not in changed:
                copy(name)
            elif name not in hidden:
                written.append(f"{mode} {identifier}\t{name}")
        self._write(top, written)

    def _add_submodule(self, path: Path, commit: str, *, in_index: bool) -> None:
        name = self._shown(path)
        if not _is_repository(path):
            if not in_index or path.is_symlink():
                self.notes.append(f"{name}: a submodule that only the base has. Its files are not in this checkout.")
            return  # the copy of the working tree notes a submodule that is not checked out
        if git.run(path, "cat-file", "-e", f"{commit}^{{commit}}", check=False).code:
            raise UserError(
                f"{name}: this submodule does not have commit {commit[:12]} of the base."
                f" Run git -C {shlex.quote(name)} fetch origin {commit}."
            )
        self._add_commit(path, commit, "")

    def _write(self, top: Path, entries: list[str]) -> None:
        """Checks out these entries of a tree, with an index of their own."""
        if not entries:
            return
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            index, files = Path(folder) / "index", Path(folder) / "files"
            git.run(top, "update-index", "-z", "--index-info", index=index, given="".join(f"{e}\0" for e in entries))
            git.run(top, "checkout-index", "--all", "--quiet", f"--prefix={files}/", index=index)
            copy = _copying(files, self.of(top))
            for name in (each.partition("\t")[2] for each in entries):
                copy(name)

    def _shown(self, path: Path) -> str:
        return git.readable(str(path.relative_to(self.repository.top)))


@contextmanager
def copied(repository: Repository, commit: str = "") -> Generator[Copy]:
    """A copy of the commit or, without one, of the working tree less the files that git ignores."""
    with tempfile.TemporaryDirectory(prefix="mrgnl-base-" if commit else "mrgnl-head-") as folder:
        copy = Copy(repository=repository, folder=Path(folder), commit=commit)
        copy.add(repository.prefix)
        if not copy.root.exists():
            if not commit:
                raise UserError(f"{repository.root}: git lists no file of this folder. Is it ignored? Add it to git.")
            copy.notes.append(f"The base has no file in {repository.prefix or 'its tree'}: every resource is new.")
            copy.root.mkdir(parents=True)
        yield copy


def _entries(top: Path, commit: str, path: str) -> dict[str, tuple[str, str]]:
    """The mode and the hash of each file and submodule of the commit, by path."""
    listed = git.run(top, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *([path] if path else []))
    found: dict[str, tuple[str, str]] = {}
    for each in listed.items():
        entry, _, name = each.partition("\t")
        mode, _, identifier = entry.split(" ")
        found[name] = (mode, identifier)
    return found


def _changed(top: Path, commit: str, path: str, *, temporary: Path) -> set[str]:
    """The paths that differ between the commit and the working tree."""
    options = ("--raw", "-z", "--no-color", "--no-renames", "--ignore-submodules=all")
    with tempfile.TemporaryDirectory(dir=temporary) as folder:
        index = Path(folder) / "index"  # `git diff` refreshes the index that it reads
        with suppress(FileNotFoundError):
            shutil.copy2(top / git.run(top, "rev-parse", "--git-path", "index").line, index)
        found = git.run(top, "-c", "diff.relative=false", "diff", *options, commit, "--", path or ".", index=index)
    return set(list(found.items())[1::2])


def _hidden(top: Path, path: str) -> set[str]:
    """The paths that a sparse checkout leaves out: they are in neither copy."""
    listed = git.run(top, "ls-files", "-z", "-t", "--", path or ".").items()
    return {each[2:] for each in listed if each[0] == "S" and not os.path.lexists(top / each[2:])}


def _submodules(top: Path, path: str) -> set[str]:
    listed = git.run(top, "ls-files", "-z", "--stage", "--", path or ".").items()
    return {each.partition("\t")[2] for each in listed if each.startswith(f"{GITLINK} ")}


def _is_repository(path: Path) -> bool:
    return not path.is_symlink() and os.path.lexists(path / ".git")


def _not_checked_out(name: str) -> str:
    command = f"git submodule update --init {shlex.quote(name)}"
    return f"{name}: this submodule is not checked out, so neither commit has its files. Run {command}."


def _copying(folder: Path, to: Path) -> Callable[[str], None]:
    """What copies a file or a link of this folder, and nothing else, such as a FIFO: it is no part of a commit."""

    @cache
    def created(parent: PurePath) -> bool:
        """Makes a folder of the copy, but not below a link that has replaced one: its files are deleted."""
        if (folder / parent).is_symlink() or not (parent == parent.parent or created(parent.parent)):
            return False
        (to / parent).mkdir(parents=True, exist_ok=True)
        return True

    def copy(name: str) -> None:
        source, target = folder / name, to / name
        try:
            mode = source.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):  # deleted, but not in the index
            return
        is_link = stat.S_ISLNK(mode)
        if not (stat.S_ISREG(mode) or is_link) or not created(PurePath(name).parent) or os.path.lexists(target):
            return
        if is_link:
            target.symlink_to(source.readlink())
        else:
            _copy_file(source, target, mode)

    return copy


def _copy_file(source: Path, target: Path, mode: int) -> None:
    try:
        shutil.copyfile(source, target)
    except PermissionError:
        # As unreadable as the original: it is an error where its content is needed, and only there.
        target.touch()
        target.chmod(0)
    else:
        target.chmod(0o755 if mode & stat.S_IXUSR else 0o644)
