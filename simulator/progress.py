"""Progress of something long: one line, updated in place on a terminal, printed once elsewhere.

Uses the standard library only. `python simulator/progress.py TITLE COMMAND...` runs a command and counts its lines.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TextIO

INTERVAL = 0.1
"""Seconds between two updates."""
LAST_LINES = 20
"""The lines of a failed command that are shown."""


class Progress:
    """Shows `title` until the end of the context, followed by a count of what was done and the elapsed seconds."""

    def __init__(self, title: str, unit: str, stream: TextIO | None = None) -> None:
        self._title, self._unit = title, unit
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._count = 0
        self._start = time.monotonic()
        self._ended = threading.Event()

    def add(self, done: object = None) -> None:
        """Counts one more."""
        self._count += 1

    def __enter__(self) -> Progress:
        if self._terminal:
            self._thread = threading.Thread(target=self._update, daemon=True)
            self._thread.start()
        else:
            print(self._title, file=self._stream, flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        if self._terminal:
            self._thread.join()
            self._write("")

    def _update(self) -> None:
        while not self._ended.wait(INTERVAL):
            counted = f"{self._count} {self._unit}, " if self._count else ""
            text = f"{self._title} ({counted}{time.monotonic() - self._start:.0f} s)"
            self._write(text[: _width(self._stream) - 1])

    def _write(self, text: str) -> None:
        try:
            self._stream.write(f"\r\x1b[K{text}")
            self._stream.flush()
        except OSError:
            self._ended.set()


def run(title: str, command: Sequence[str], *, cwd: str | None = None, env: Mapping[str, str] | None = None) -> int:
    """Runs a command whose lines are progress, and prints the last ones if it fails. Returns its exit code."""
    lines: list[str] = []
    with (
        Progress(title, "steps") as progress,
        subprocess.Popen(
            command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                progress.add()
        except KeyboardInterrupt:
            process.terminate()
            raise
    if process.returncode:
        print("\n".join(lines[-LAST_LINES:]), file=sys.stderr)
    return process.returncode


def _width(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80  # 0 if the terminal does not know
    except OSError:
        return 80


if __name__ == "__main__":
    try:
        sys.exit(run(sys.argv[1], sys.argv[2:]))
    except KeyboardInterrupt:
        sys.exit(130)
