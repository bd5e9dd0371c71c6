from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulator import progress
from simulator.progress import Progress
from tests.declared import ROOT


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_in_a_pipe_progress_is_one_line_without_a_carriage_return() -> None:
    pipe = io.StringIO()
    with Progress("dev: updating", "steps", pipe) as shown:
        shown.add()
        time.sleep(3 * progress.INTERVAL)
    assert pipe.getvalue() == "dev: updating\n"


def test_on_a_terminal_progress_is_one_line_with_a_count_that_is_removed_at_the_end() -> None:
    terminal = Terminal()
    with Progress("dev: updating", "steps", terminal) as shown:
        for _ in range(37):
            shown.add()
        time.sleep(3 * progress.INTERVAL)
    assert "\r\x1b[Kdev: updating (37 steps, 0 s)" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")
    assert "\n" not in terminal.getvalue()


def test_a_line_is_cut_at_the_width_of_the_terminal() -> None:
    terminal = Terminal()
    with Progress("x" * 200, "steps", terminal):
        time.sleep(3 * progress.INTERVAL)
    assert max(map(len, terminal.getvalue().split("\r\x1b[K"))) <= 80


def test_a_dumb_terminal_is_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    with Progress("dev: updating", "steps", terminal):
        pass
    assert terminal.getvalue() == "dev: updating\n"


def test_a_command_is_silent_if_it_succeeds_and_its_last_lines_are_shown_if_it_fails(tmp_path: Path) -> None:
    def run(script: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "simulator/progress.py", "Installing", "/bin/sh", "-c", script]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    succeeded, failed = run("echo line; exit 0"), run("seq 100 >&2; exit 7")
    assert (succeeded.returncode, succeeded.stdout, succeeded.stderr) == (0, "", "Installing\n")
    assert (failed.returncode, failed.stdout) == (7, "")
    assert failed.stderr.splitlines() == ["Installing", *map(str, range(81, 101))]
