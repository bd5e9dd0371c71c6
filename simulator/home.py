"""A state directory: the simulated cloud, Pulumi's state and their locks. It is not committed."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import sqlite3
import sys
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from config import go_yaml
from config.problems import UserError
from config.stackfile import name as file_name
from simulator.locks import Holder, locked
from simulator.state import State
from simulator.store import Store

WRONG_KIND = (errno.EEXIST, errno.EISDIR, errno.ENOTDIR)
"""A file where a folder should be, or a folder where a file should be."""
NAME = ".simulator"
"""The name of the default state directory, in the program's folder."""


@dataclass(frozen=True)
class Home:
    path: Path
    cloud: Path | None = None
    """The folder of the simulated cloud, if another one: both programs deploy to one cloud."""

    @property
    def bootstrap(self) -> Home:
        """The state directory of the bootstrap program."""
        return Home(self.path / "bootstrap", cloud=self.path)

    @property
    def _store(self) -> Path:
        return (self.cloud or self.path) / "cloud.sqlite"

    @property
    def exists(self) -> bool:
        """Whether any stack was deployed to this directory."""
        return self._store.exists()

    @contextmanager
    def store(self) -> Generator[Store]:
        """The store of the simulated cloud, created if it does not exist. Raises UserError if it is damaged."""
        file = self._store
        with self._checked(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            opened = Store(file)
        with closing(opened) as store:
            try:
                yield store
            except sqlite3.DatabaseError as error:
                raise self._damaged(file, error) from None

    @property
    def backend(self) -> Path:
        """The folder of Pulumi's file backend, created if it does not exist."""
        folder = self.path / "state"
        with self._checked(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def pulumi(self) -> Path:
        """PULUMI_HOME."""
        return self.path / "pulumi"

    def state(self, stack: str) -> State:
        return State(self.path, stack)

    def has_state(self, stack: str) -> bool:
        return bool(self.state(stack).checkpoint)

    def is_locked_by_pulumi(self, stack: str) -> bool:
        return any(self.state(stack).locks())

    def engine(self, stack: str) -> Holder | None:
        """The engine that holds Pulumi's own lock, or held it when it was killed."""
        return self.state(stack).engine()

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """The stack's resources in Pulumi's state; empty when the stack was never deployed.

        Reads the backend's file, because `pulumi stack export` takes most of a second.
        """
        state = self.state(stack)
        with self._checked(state.checkpoint or self.path):
            return state.deployment().get("resources") or []

    def names(self, stack: str) -> set[str]:
        """The logical names of the stack's resources."""
        return {each["urn"].rpartition("::")[2] for each in self.resources(stack)}

    @contextmanager
    def journaled(self, stack: str) -> Generator[State]:
        """Lets an update append to the stack's journal; afterwards its steps are in Pulumi's state."""
        try:
            yield self.state(stack)
        finally:
            self.settle(stack)
            # The CLI adds an account for the port of each update.
            (self.pulumi / "credentials.json").unlink(missing_ok=True)

    def settle(self, stack: str) -> None:
        """Writes the journal of an update, if any, into Pulumi's state."""
        state = self.state(stack)
        with self._checked(state.journal):
            state.settle()

    def workspace(self, stack: str, root: Path, config: dict[str, Any]) -> Path:
        """Creates a folder with copies of the project's files. Pulumi writes an encryption salt into the stack file."""
        folder = self.path / "workspace" / stack
        with self._checked(folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "Pulumi.yaml").write_bytes((root / "Pulumi.yaml").read_bytes())
            copy = folder / file_name(stack)
            previous: dict[str, Any] = go_yaml.load(copy.read_text()) if copy.exists() else {}
            copy.write_text(go_yaml.dump({**previous, "config": config}))
        return folder

    def policy_launcher(self) -> Path:
        """Creates a folder with the executable that runs a Python policy pack, and returns the folder.

        A CLI that was built from source has no such executable; it comes with the Python language host.
        """
        folder = self.path / "bin"
        if os.pathsep in str(folder):
            raise UserError(
                f"{self.path}: must not contain {os.pathsep!r}, which separates folders in PATH. Use --home."
            )
        script, temporary = (folder / f"pulumi-analyzer-policy-python{suffix}" for suffix in ("", f".{os.getpid()}"))
        launcher = shlex.join([sys.executable, "-P", "-u", str(Path(__file__).with_name("analyzer.py"))])
        with self._checked(folder):
            folder.mkdir(exist_ok=True)
            temporary.write_text(f'#!/bin/sh\nexec {launcher} "$1" "$2"\n')
            temporary.chmod(0o755)
            temporary.replace(script)
        return folder

    @contextmanager
    def lock(self, stack: str, *, keep: bool = False) -> Generator[Holder | None]:
        """Locks the stack, as `locks.locked` describes. Raises UserError while it is locked."""
        file = self.path / f"{stack}.lock"
        with self._checked(file):
            self.path.mkdir(parents=True, exist_ok=True)
            opened = file.open("a+", encoding="utf-8", errors="replace")
        with opened, locked(opened, stack, engine=self.engine(stack), keep=keep) as killed:
            yield killed

    @contextmanager
    def _checked(self, path: Path) -> Generator[None]:
        """Raises UserError if the file cannot be read or written, or is not what a simulator wrote."""
        try:
            yield
        except OSError as error:
            if error.errno in WRONG_KIND:
                raise self._damaged(path, error) from None
            where = error.filename or path
            raise UserError(f"{where}: {error.strerror}. Allow it, or use another folder: --home DIR.") from None
        except (ValueError, KeyError, TypeError, AttributeError, sqlite3.Error, yaml.YAMLError) as error:
            raise self._damaged(path, error) from None

    def _damaged(self, path: Path, error: Exception) -> UserError:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0] or type(error).__name__
        return self.unusable(f"{path}: damaged ({reason})")

    def unusable(self, reason: str) -> UserError:
        """The error of a state directory that a simulator or the engine cannot use."""
        return UserError(f"{reason}. Begin again by removing {self.path.name}: rm -r {shlex.quote(str(self.path))}")

    def copy_to(self, path: Path) -> Home:
        """Copies all but backups, history and locks to `path`. Raises UserError while a simulator uses any stack."""
        with ExitStack() as locks:
            for lock in sorted(self.path.glob("*.lock")):
                locks.enter_context(self.lock(lock.stem, keep=True))
            if self.path.exists():
                shutil.copytree(self.path, path, ignore=shutil.ignore_patterns("backups", "history", "*.lock"))
        return Home(path)
