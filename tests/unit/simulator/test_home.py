from __future__ import annotations

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.problems import UserError
from simulator.home import Home

STATE = "state/.pulumi/stacks/marginalia/dev.json"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A state directory of a stack without resources."""
    home = Home(tmp_path / "my cloud")
    with home.lock("dev"), home.store():
        state = home.path / STATE
        state.parent.mkdir(parents=True)
        state.write_text('{"checkpoint": {"latest": {"resources": []}}}')
        (home.path / "root").mkdir()
        (home.path / "root" / "Pulumi.yaml").touch()
        use(home)
    return home


def use(home: Home) -> None:
    """Uses all that a simulator uses."""
    with home.lock("other"), home.store():
        home.resources("dev")
        assert home.backend.is_dir()
        home.workspace("dev", home.path / "root", {})
        home.policy_launcher()


def text(content: bytes) -> Callable[[Path], None]:
    def replace(path: Path) -> None:
        path.write_bytes(content)

    return replace


def folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def file(path: Path) -> None:
    subprocess.run(["/bin/rm", "-r", path], check=True)
    path.touch()


def older(path: Path) -> None:
    path.unlink()
    sqlite3.connect(path).execute("CREATE TABLE object (number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT)")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


DAMAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "cut-state": (STATE, text(b'{"checkpoint": {"lat')),
    "empty-state": (STATE, text(b"")),
    "state-of-something-else": (STATE, text(b"[1, 2]")),
    "journal-of-something-else": ("dev.journal", text(b'{"steps": []}\n')),
    "journal-of-unknown-steps": ("dev.journal", text(b'{"entries": [{"kind": 99, "operationID": 1}]}\n')),
    "journal-of-bytes": ("dev.journal", text(b"\xff\xfe\n")),
    "folder-for-a-journal": ("dev.journal", folder),
    "state-in-utf-16": (STATE, text('{"checkpoint": {}}'.encode("utf-16"))),
    "gzipped-state": (STATE, text(b"\x1f\x8b\x08\x00")),
    "folder-for-a-state": (STATE, folder),
    "no-sqlite": ("cloud.sqlite", text(b"this is no database, and long enough to be one" * 9)),
    "cut-sqlite": ("cloud.sqlite", cut),
    "older-sqlite": ("cloud.sqlite", older),
    "folder-for-a-database": ("cloud.sqlite", folder),
    "folder-for-a-lock": ("other.lock", folder),
    "file-for-the-states": ("state", file),
    "file-for-the-workspaces": ("workspace", file),
    "file-for-the-launcher": ("bin", file),
    "cut-stack-file": ("workspace/dev/Pulumi.dev.yaml", text(b"config: {[")),
    "list-for-a-stack-file": ("workspace/dev/Pulumi.dev.yaml", text(b"[config]")),
    "file-for-the-directory": (".", file),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_state_directory_is_one_message_with_the_command_that_begins_again(home: Home, damage: str) -> None:
    name, do = DAMAGES[damage]
    do(home.path / name)
    with pytest.raises(UserError) as error:
        use(home)
    assert str(error.value).endswith(f"). Begin again by removing my cloud: rm -r '{home.path}'")
    assert str(error.value).startswith(f"{home.path}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("folder", ["/proc/cloud", "/dev/null/cloud", "/sys/kernel/cloud"])
def test_a_state_directory_that_cannot_be_written_is_one_message(folder: str) -> None:
    with pytest.raises(UserError) as error:
        use(Home(Path(folder)))
    assert str(error.value).startswith(folder.rpartition("/")[0])
    assert "\n" not in str(error.value)


def test_a_store_that_breaks_while_it_is_read_is_one_message(home: Home) -> None:
    with home.store() as store:
        cut = (home.path / "cloud.sqlite").read_bytes()[:4096]
        (home.path / "cloud.sqlite").write_bytes(cut)
        store.close()
    with pytest.raises(UserError, match=r"cloud.sqlite: damaged \("), home.store() as store:
        store.find("any")


def test_a_state_directory_that_would_split_path_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(UserError) as error:
        Home(tmp_path / "a:b").policy_launcher()
    assert str(error.value) == f"{tmp_path}/a:b: must not contain ':', which separates folders in PATH. Use --home."


def test_an_engine_that_outlives_its_simulator_keeps_the_lock(home: Home) -> None:
    code = (
        "import os, subprocess, sys; from pathlib import Path; from simulator.home import Home\n"
        "with Home(Path(sys.argv[1])).lock('dev'):\n"
        "    engine = subprocess.Popen(['/bin/sleep', '60'], close_fds=False, stdout=-3, stderr=-3)\n"
        "    print(engine.pid, flush=True)\n"
        "    os._exit(1)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, home.path], capture_output=True, text=True, check=False)
    engine = int(run.stdout)
    try:
        with pytest.raises(UserError, match="It was killed, but its engine still runs"), home.lock("dev"):
            pass
    finally:
        os.kill(engine, 9)
    with (home.path / "dev.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def test_a_simulator_that_ends_releases_the_lock_although_its_engine_lives(home: Home) -> None:
    with home.lock("dev"):
        engine = subprocess.Popen(["/bin/sleep", "60"], close_fds=False)
    try:
        with home.lock("dev"):
            pass
    finally:
        engine.kill()
        engine.wait()
