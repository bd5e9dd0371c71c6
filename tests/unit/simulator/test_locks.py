from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from config.problems import UserError
from simulator.home import Home
from simulator.locks import WIDTH, Holder, explanation

HERE = socket.gethostname()
HOLDER = Holder(
    pid=4711,
    username="sam",
    hostname="elsewhere",
    timestamp="2026-11-02T10:11:12+00:00",
    command="python -m simulator up --stack dev",
)
LOCKED = "dev: locked since 2026-11-02T10:11:12+00:00 by sam@{}: python -m simulator up --stack dev."
PULUMI = '{"pid":20417,"username":"sam","hostname":"elsewhere","timestamp":"2026-11-02T10:11:13.231992995Z"}'


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """Times of day in UTC, whatever the time zone of the machine."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def ended() -> int:
    """The ID of a process that has ended."""
    with subprocess.Popen(["/bin/true"]) as process:
        return process.pid


def pulumi_lock(home: Home) -> None:
    folder = home.path / "state/.pulumi/locks/organization/marginalia/dev"
    folder.mkdir(parents=True)
    (folder / "1f0c.json").write_text(PULUMI)


def refusal(home: Home, monkeypatch: pytest.MonkeyPatch, holder: Holder) -> str:
    """The message for a second simulator while the holder has the lock."""
    monkeypatch.setattr(Holder, "current", lambda: holder)
    with home.lock("dev"), pytest.raises(UserError) as error, home.lock("dev"):
        pass
    return str(error.value)


def test_a_second_simulator_is_told_who_holds_the_lock_since_when_and_how_to_stop_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = replace(HOLDER, hostname=HERE, pid=os.getpid())
    locked = LOCKED.format(f"{HERE} (pid {os.getpid()})")
    assert refusal(home, monkeypatch, holder) == (
        f"{locked} Wait for it to finish, or stop it: kill -INT {os.getpid()}"
    )


def test_a_holder_on_another_host_cannot_be_stopped_from_here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    locked = LOCKED.format("elsewhere (pid 4711)")
    assert refusal(home, monkeypatch, HOLDER) == f"{locked} Wait for it to finish."


@pytest.mark.parametrize("named", [False, True])
def test_the_engine_of_a_killed_simulator_is_named_while_it_keeps_the_lock(
    home: Home, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    if named:
        pulumi_lock(home)
    holder = replace(HOLDER, hostname=HERE, pid=ended())
    locked = LOCKED.format(f"{HERE} (pid {holder.pid})")
    assert refusal(home, monkeypatch, holder) == (
        f"{locked} It was killed, but its engine{' (pid 20417)' * named} still runs. Wait for the engine to end."
    )


def test_a_refused_simulator_leaves_the_record_of_the_holder(home: Home) -> None:
    with home.lock("dev"):
        for _ in range(2):
            with pytest.raises(UserError, match="locked since"), home.lock("dev"):
                pass


@pytest.mark.parametrize(
    "record", ["", '{"pid": 4711', "[]", "null", '{"pid": 4711}', PULUMI.replace("20417", '"x"'), "\x00"]
)
def test_a_record_that_cannot_be_read_is_no_holder(home: Home, record: str) -> None:
    (home.path / "dev.lock").write_text(record)
    with home.lock("dev") as killed:
        assert killed is None


@pytest.mark.parametrize("error", [None, ValueError])
def test_a_holder_that_finished_or_failed_is_not_reported_as_killed(home: Home, error: type[Exception] | None) -> None:
    with pytest.raises(error) if error else nullcontext(), home.lock("dev"):
        if error:
            raise error
    with home.lock("dev") as killed:
        assert killed is None


def test_a_killed_holder_is_reported_once_and_not_lost_to_a_reader(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Holder, "current", lambda: HOLDER)
    with home.lock("dev"):
        record = (home.path / "dev.lock").read_bytes()
    (home.path / "dev.lock").write_bytes(record)
    home.copy_to(home.path.parent / "copy")
    reported: list[Holder | None] = []
    for keep in (True, False, False):
        with home.lock("dev", keep=keep) as killed:
            reported.append(killed)
    assert reported == [HOLDER, HOLDER, None]


def test_the_lock_of_pulumi_names_its_engine(home: Home) -> None:
    assert home.engine("dev") is None
    pulumi_lock(home)
    assert home.engine("dev") == Holder(
        pid=20417, username="sam", hostname="elsewhere", timestamp="2026-11-02T10:11:13+00:00"
    )


def test_this_process_is_recorded_with_its_command_on_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.orig_argv", ["/venv/bin/python", "-c", "import this\nimport that", "x" * WIDTH])
    current = Holder.current()
    assert current == Holder(
        pid=os.getpid(),
        username=getpass.getuser(),
        hostname=HERE,
        timestamp=current.timestamp,
        command="python -c import this import that [...]",
    )
    assert not current.has_ended


def test_a_user_without_an_account_is_recorded_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError

    monkeypatch.setattr("getpass.getuser", unknown)
    assert Holder.current().username == str(os.getuid())


def test_the_explanation_of_a_stale_lock_names_who_was_killed_and_what_completes_it() -> None:
    killed = "dev: the Pulumi engine of sam@elsewhere (pid 4711), begun 2026-11-02T10:11:12+00:00, was killed."
    engine = Holder(pid=4711, username="sam", hostname="elsewhere", timestamp="2026-11-02T10:11:12+00:00")
    assert [explanation("dev", engine, operation) for operation in ("up", "preview")] == [
        f"{killed} Its process is gone, so its lock was removed. This up completes what it left undone.",
        f"{killed} Its process is gone, so its lock was removed. Run up to complete what it left undone.",
    ]
