"""Runs the Pulumi CLI. An interrupt lets it finish the operations under way and record them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from pulumi import automation as auto

from config.problems import UserError

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMPLETED = "it completes what this one left undone"
FINISHING = "Interrupted: finishing the operations under way. Interrupt again to stop at once."


def run(
    command: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    on_output: Callable[[str], object] | None = None,
    on_error: Callable[[str], object] | None = None,
    on_start: Callable[[int], object] = lambda pid: None,
) -> auto.CommandResult:
    """Runs the command to its end, whatever its exit code.

    Raises KeyboardInterrupt after its end if it was interrupted, and UserError if it cannot be started or is killed.
    The command inherits the lock of the stack, so that it is released only when no process works on the stack.
    """
    with _interrupts() as interrupts:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                # A terminal interrupts its whole process group. Here only `interrupts` may reach the engine: twice
                # would stop it at once, and its analyzers would end with a traceback.
                start_new_session=True,
                close_fds=False,
            )
        except OSError as error:
            raise UserError(f"{command[0]}: cannot be started: {error.strerror}. Remove it, then try again.") from None
        with process:
            interrupts.start(process)
            on_start(process.pid)
            assert process.stdout  # noqa: S101 - both are pipes
            assert process.stderr  # noqa: S101
            stdout, stderr = _Reader(process.stdout, on_output), _Reader(process.stderr, on_error)
            stdout.join()
            stderr.join()
            process.wait()
    if interrupts.count:
        raise KeyboardInterrupt
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        raise UserError(f"{command[0]}: ended by {name}; perhaps memory ran out. Run the command again: {COMPLETED}.")
    return auto.CommandResult(stdout=stdout.text, stderr=stderr.text, code=process.returncode)


class _Reader(threading.Thread):
    """Reads a pipe to its end, even if nobody takes its lines any more: the command would wait for ever."""

    def __init__(self, stream: IO[str], take: Callable[[str], object] | None) -> None:
        super().__init__(daemon=True)
        self._stream, self._take = stream, take
        self._lines: list[str] = []
        self.start()

    @property
    def text(self) -> str:
        return "\n".join(self._lines)

    def run(self) -> None:
        for line in self._stream:
            self._lines.append(line.rstrip())
            if self._take:
                try:
                    self._take(self._lines[-1])
                except OSError:  # the reader of a pipe left
                    self._take = None


@dataclass
class _Interrupts:
    """Passes interrupts on: the first two ask the engine to finish and to stop, the third kills it."""

    count: int = 0
    _process: subprocess.Popen[str] | None = field(default=None)

    def start(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        if self.count:
            self._pass_on()

    def receive(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self._process:
            self._pass_on()

    def _pass_on(self) -> None:
        if self.count == 1:
            os.write(2, f"{FINISHING}\n".encode())
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT if self.count < 3 else signal.SIGKILL)


@contextmanager
def _interrupts() -> Generator[_Interrupts]:
    """Receives SIGINT, SIGTERM and SIGHUP in place of the handlers of this process; in its main thread only."""
    interrupts = _Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    ignored = [each for each in SIGNALS if signal.getsignal(each) is signal.SIG_IGN]  # such as SIGHUP under nohup
    before = {each: signal.signal(each, interrupts.receive) for each in SIGNALS if each not in ignored}
    try:
        yield interrupts
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
