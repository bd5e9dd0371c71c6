"""Records who works on a stack, in the simulator's lock files, and reads those of Pulumi's backend.

The keys are Pulumi's: https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/backend/diy/lock.go (lockContent).
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import socket
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from textwrap import shorten
from typing import TextIO

from config.problems import UserError

ENGINE = "the Pulumi engine"
WIDTH = 100
"""Characters of a command that are recorded."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """The process that holds a lock, or held it when it was killed."""

    pid: int
    username: str
    hostname: str
    timestamp: str
    """When it took the lock, as in RFC 3339."""
    command: str = ENGINE
    """The command line, on one line and perhaps shortened."""

    @staticmethod
    def current() -> Holder:
        return Holder(
            pid=os.getpid(),
            username=_username(),
            hostname=socket.gethostname(),
            timestamp=datetime.now().astimezone().isoformat(timespec="seconds"),
            command=shorten(" ".join([Path(sys.orig_argv[0]).name, *sys.orig_argv[1:]]), WIDTH),
        )

    @staticmethod
    def engine(pid: int) -> Holder:
        """The engine of this process."""
        return replace(Holder.current(), pid=pid, command=ENGINE)

    @staticmethod
    def parse(text: str) -> Holder | None:
        """The record in a lock file; None if there is none, or not yet all of it."""
        try:
            record = Holder(**json.loads(text))
            taken = datetime.fromisoformat(record.timestamp).astimezone()
            return replace(record, pid=int(record.pid), timestamp=taken.isoformat(timespec="seconds"))
        except (ValueError, TypeError):
            return None

    @property
    def name(self) -> str:
        return f"{self.username}@{self.hostname} (pid {self.pid})"

    @property
    def is_here(self) -> bool:
        return self.hostname == socket.gethostname()

    @property
    def has_ended(self) -> bool:
        """Whether the process is known to have ended; False for one of another host."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return self.is_here
        except PermissionError:
            pass  # it belongs to another user
        return False


def _username() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without an entry in /etc/passwd
        return str(os.getuid())


@contextmanager
def locked(file: TextIO, stack: str, *, engine: Holder | None, keep: bool) -> Generator[Holder | None]:
    """Locks the file for this process and for its engine, which may outlive it. Raises UserError while it is locked.

    Yields the last holder if it was killed: it did not remove its record. `keep` leaves this record to the next one.
    `engine` is the holder of Pulumi's lock.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"{stack}: {_busy(_read(file), engine)}") from None
    killed = _read(file)
    _write(file, Holder.current())
    os.set_inheritable(file.fileno(), True)  # a killed simulator's engine keeps the lock until it ends
    try:
        yield killed
    finally:
        _write(file, killed if keep else None)
        fcntl.flock(file, fcntl.LOCK_UN)  # also for a process that inherited the file and still ends


def _read(file: TextIO) -> Holder | None:
    file.seek(0)
    return Holder.parse(file.read())


def _write(file: TextIO, holder: Holder | None) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(asdict(holder)) if holder else "")
    file.flush()


def _busy(holder: Holder | None, engine: Holder | None) -> str:
    if not holder:  # it took the lock a moment ago
        return "locked by another simulator. Wait for it to finish."
    begun = f"locked since {holder.timestamp} by {holder.name}: {holder.command}."
    if holder.has_ended:
        pid = f" (pid {engine.pid})" if engine else ""
        return f"{begun} It was killed, but its engine{pid} still runs. Wait for the engine to end."
    stop = f", or stop it: kill -INT {holder.pid}" if holder.is_here else "."
    return f"{begun} Wait for it to finish{stop}"


def explanation(stack: str, killed: Holder, operation: str) -> str:
    """Describes the lock of a killed holder, which this operation removed."""
    next_step = "This up completes" if operation == "up" else "Run up to complete"
    return (
        f"{stack}: {killed.command} of {killed.name}, begun {killed.timestamp}, was killed."
        f" Its process is gone, so its lock was removed. {next_step} what it left undone."
    )
