"""A state directory: the simulated cloud, Pulumi's state and their locks. It is not committed."""

from __future__ import annotations

import fcntl
import json
import os
import shlex
import shutil
import sys
from collections.abc import Generator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import go_yaml
from config.problems import UserError
from config.stackfile import name as file_name
from simulator.store import Store

NAME = ".simulator"
"""The name of the default state directory, in the program's folder."""


@dataclass(frozen=True)
class Home:
    path: Path

    @property
    def exists(self) -> bool:
        """Whether any stack was deployed to this directory."""
        return (self.path / "cloud.sqlite").exists()

    @contextmanager
    def store(self) -> Generator[Store]:
        """The store of the simulated cloud, created if it does not exist."""
        self.path.mkdir(parents=True, exist_ok=True)
        with closing(Store(self.path / "cloud.sqlite")) as store:
            yield store

    @property
    def backend(self) -> Path:
        """The folder of Pulumi's file backend, created if it does not exist."""
        folder = self.path / "state"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def pulumi(self) -> Path:
        """PULUMI_HOME."""
        return self.path / "pulumi"

    def has_state(self, stack: str) -> bool:
        return any(self._states(stack))

    def is_locked_by_pulumi(self, stack: str) -> bool:
        return any((self.path / "state").glob(f".pulumi/locks/*/*/{stack}/*"))

    def resources(self, stack: str) -> list[dict[str, Any]]:
        """The stack's resources in Pulumi's state; empty when the stack was never deployed.

        Reads the backend's file, because `pulumi stack export` takes most of a second.
        """
        for file in self._states(stack):
            latest: dict[str, Any] | None = json.loads(file.read_text())["checkpoint"].get("latest")
            return (latest or {}).get("resources") or []
        return []

    def _states(self, stack: str) -> list[Path]:
        return list((self.path / "state").glob(f".pulumi/stacks/*/{stack}.json"))

    def workspace(self, stack: str, root: Path, config: dict[str, Any]) -> Path:
        """Creates a folder with copies of the project's files. Pulumi writes an encryption salt into the stack file."""
        folder = self.path / "workspace" / stack
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
        folder.mkdir(exist_ok=True)
        script, temporary = (folder / f"pulumi-analyzer-policy-python{suffix}" for suffix in ("", f".{os.getpid()}"))
        launcher = shlex.join([sys.executable, "-P", "-u", str(Path(__file__).with_name("analyzer.py"))])
        temporary.write_text(f'#!/bin/sh\nexec {launcher} "$1" "$2"\n')
        temporary.chmod(0o755)
        temporary.replace(script)
        return folder

    @contextmanager
    def lock(self, stack: str) -> Generator[None]:
        """Locks the stack for one simulator. Raises UserError while another simulator has the lock."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / f"{stack}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"{stack}: another simulator is using the stack. Wait for it to finish.") from None
            yield

    def copy_to(self, path: Path) -> Home:
        """Copies all but backups, history and locks to `path`. Raises UserError while a simulator uses any stack."""
        with ExitStack() as locks:
            for lock in sorted(self.path.glob("*.lock")):
                locks.enter_context(self.lock(lock.stem))
            if self.path.exists():
                shutil.copytree(self.path, path, ignore=shutil.ignore_patterns("backups", "history", "*.lock"))
        return Home(path)
