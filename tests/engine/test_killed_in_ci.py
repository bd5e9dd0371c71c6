"""The lock that the real CLI leaves when it is killed, and the script that releases it in CI."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import toolchain
from tests.declared import ROOT
from tools.ci import lock


def test_the_lock_of_a_killed_update_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "simulator", "up", "--stack", "dev", "--verbose", "--home", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        next(line for line in process.stdout if "created" in line)
        [file] = (tmp_path / "state").glob(".pulumi/locks/*/*/dev/*.json")
        holder = json.loads(file.read_text())["pid"]
        os.kill(holder, signal.SIGKILL)
        process.stdout.read()
    cli = toolchain.pulumi(ROOT, ROOT / ".cache", report=print)
    monkeypatch.setenv("PATH", str(Path(cli.command).parent), prepend=os.pathsep)
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}/state")
    monkeypatch.setenv("PULUMI_HOME", str(tmp_path / "pulumi"))
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "simulated")
    assert lock.main(["dev"]) == 0
    assert f"(pid {holder})" in capfd.readouterr().out
    assert not file.exists()
