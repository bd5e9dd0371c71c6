"""The first target of a clone: `make` and a Python that only records what it is asked to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.declared import ROOT

PYTHON = """#!/bin/sh
case "$1 $2" in
  "-c "*) exit "$TOO_OLD" ;;
  "-m venv") rm -rf "$4"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; echo created >> "$LOG" ;;
  "-m pip") echo installed >> "$LOG"; exit "$PIP" ;;
  "simulator/progress.py "*) shift 2; exec "$@" ;;
esac
"""
INCOMPLETE = ".venv is incomplete: creating it again.\n"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """In a folder whose name has characters of a shell."""
    folder = tmp_path / "it's a ü#$clone"
    (folder / "tools" / "requirements").mkdir(parents=True)
    (folder / "tools" / "requirements" / "dev.txt").touch()
    shutil.copy(ROOT / "Makefile", folder)
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    return folder


def setup(clone: Path, *, python: str = "../python", pip: int = 0, too_old: int = 0) -> tuple[int, str, list[str]]:
    """The exit code, what was printed, and what was done."""
    log = clone / "log"
    log.unlink(missing_ok=True)
    environment = {"PATH": "/usr/bin:/bin", "LOG": str(log), "PIP": str(pip), "TOO_OLD": str(too_old)}
    command = ["make", "--no-print-directory", f"PYTHON={python}", ".venv/.ready"]
    run = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)
    printed = [line for line in (run.stdout + run.stderr).splitlines(True) if not line.startswith("make: ")]
    return run.returncode, "".join(printed), log.read_text().split() if log.exists() else []


def test_an_environment_is_created_once(clone: Path) -> None:
    assert setup(clone) == (0, "", ["created", "installed"])
    assert setup(clone) == (0, "", [])


def test_an_installation_that_was_interrupted_is_repaired_by_the_next_target(clone: Path) -> None:
    assert setup(clone, pip=1)[0] == 2
    assert setup(clone) == (0, INCOMPLETE, ["created", "installed"])


def test_an_environment_whose_python_is_gone_is_created_again(clone: Path) -> None:
    setup(clone)
    (clone / ".venv" / "bin" / "python").unlink()
    (clone / ".venv" / "bin" / "python").symlink_to("/usr/bin/python2.6")
    assert setup(clone) == (0, INCOMPLETE, ["created", "installed"])


def test_an_environment_that_is_a_file_or_of_another_tool_is_created_again(clone: Path) -> None:
    (clone / ".venv").mkdir()
    (clone / ".venv" / "pyvenv.cfg").touch()
    assert setup(clone) == (0, INCOMPLETE, ["created", "installed"])


def test_new_pins_are_installed_into_the_same_environment(clone: Path) -> None:
    setup(clone)
    (clone / ".venv" / ".ready").write_text("")
    subprocess.run(["/usr/bin/touch", "-d", "2020-01-01", clone / ".venv" / ".ready"], check=True)
    assert setup(clone) == (0, "", ["installed"])


@pytest.mark.parametrize(
    ("python", "too_old", "message"),
    [
        ("../python", 1, "../python is older than Python 3.11. Name another one: make PYTHON=python3.11\n"),
        ("no-python", 0, "no-python: not found. Install Python 3.11 or later, or name it: make PYTHON=python3.12\n"),
    ],
)
def test_a_python_that_cannot_be_used_is_one_message(clone: Path, python: str, too_old: int, message: str) -> None:
    assert setup(clone, python=python, too_old=too_old) == (2, message, [])
