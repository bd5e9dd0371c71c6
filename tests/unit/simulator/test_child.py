"""What a terminal, a supervisor or a closed pipe does to an engine; /bin/sh plays the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from config.problems import UserError
from simulator.child import FINISHING, run

ENGINE = """
count=0
trap 'count=$((count + 1)); echo "interrupted $count" >> log' INT
echo ready
while [ $count -lt {ends_after} ]; do sleep 0.02; done
echo finished >> log
"""
SIMULATOR = """
import sys
from simulator.child import run
try:
    command = ["/bin/sh", "-c", sys.argv[1]]
    run(command, cwd=sys.argv[2], env={"PATH": "/usr/bin:/bin"}, on_output=lambda line: print(line, flush=True))
except KeyboardInterrupt:
    sys.exit(130)
"""


def interrupted(folder: Path, ends_after: int, signals: list[signal.Signals]) -> tuple[int, list[str], str]:
    """The exit code, what the engine logged and what was printed."""
    script = ENGINE.format(ends_after=ends_after)
    simulator = subprocess.Popen(
        [sys.executable, "-c", SIMULATOR, script, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    log = folder / "log"
    log.touch()
    with simulator:
        assert simulator.stdout
        assert simulator.stderr
        simulator.stdout.readline()
        for number, each in enumerate(signals, start=1):
            simulator.send_signal(each)
            while simulator.poll() is None and number < 3 and f"interrupted {number}" not in log.read_text():
                pass
        return simulator.wait(), log.read_text().splitlines(), simulator.stderr.read()


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_reaches_the_engine_once_and_waits_for_its_end(tmp_path: Path, first: signal.Signals) -> None:
    code, log, printed = interrupted(tmp_path, 1, [first])
    assert (code, log, printed) == (130, ["interrupted 1", "finished"], f"{FINISHING}\n")


def test_a_second_interrupt_is_passed_on_and_announced_no_more(tmp_path: Path) -> None:
    code, log, printed = interrupted(tmp_path, 2, [signal.SIGINT, signal.SIGTERM])
    assert (code, log, printed) == (130, ["interrupted 1", "interrupted 2", "finished"], f"{FINISHING}\n")


def test_a_third_interrupt_kills_an_engine_that_does_not_end(tmp_path: Path) -> None:
    code, log, _ = interrupted(tmp_path, 9, [signal.SIGINT] * 3)
    assert (code, log) == (130, ["interrupted 1", "interrupted 2"])


def test_an_engine_is_not_in_the_process_group_that_a_terminal_interrupts(tmp_path: Path) -> None:
    found = run(["/bin/sh", "-c", "ps -o pgid= -p $$"], cwd=str(tmp_path), env={"PATH": os.environ["PATH"]})
    assert int(found.stdout) != os.getpgrp()


def test_the_handlers_of_this_process_are_as_they_were(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    run(["/bin/true"], cwd=str(tmp_path), env={})
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_a_reader_that_leaves_does_not_stop_the_engine(tmp_path: Path) -> None:
    def leave(_: str) -> None:
        raise BrokenPipeError

    lines = 50_000  # more than a pipe holds
    command = ["/bin/sh", "-c", f"i=0; while [ $i -lt {lines} ]; do echo line; i=$((i + 1)); done"]
    result = run(command, cwd=str(tmp_path), env={}, on_output=leave)
    assert (result.code, result.stdout.count("line")) == (0, lines)


def test_output_that_is_not_utf_8_is_no_error(tmp_path: Path) -> None:
    assert run(["/bin/sh", "-c", r"printf '\374'"], cwd=str(tmp_path), env={}).stdout == "�"


@pytest.mark.parametrize("content", [None, b"no executable", b"\x7fELF of another machine"])
def test_an_executable_that_cannot_be_started_is_one_message(tmp_path: Path, content: bytes | None) -> None:
    executable = tmp_path / "pulumi"
    if content:
        executable.write_bytes(content)
        executable.chmod(0o755 if b"ELF" in content else 0o644)
    with pytest.raises(UserError) as error:
        run([str(executable)], cwd=str(tmp_path), env={})
    assert str(error.value).startswith(f"{executable}: cannot be started: ")


def test_a_killed_engine_is_one_message_that_says_what_completes_the_update(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        run(["/bin/sh", "-c", "kill -KILL $$"], cwd=str(tmp_path), env={})
    assert str(error.value) == (
        "/bin/sh: ended by SIGKILL; perhaps memory ran out. Run the command again: it completes what this one left"
        " undone."
    )
