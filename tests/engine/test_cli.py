"""The commands, as they are typed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.cli import main
from tests.declared import ROOT


@pytest.mark.parametrize("command", [["simulator", "preview"], ["promotion", "dev", "prod"]])
def test_a_catalogue_that_contradicts_itself_is_one_message(tmp_path: Path, command: list[str]) -> None:
    for path in [*ROOT.glob("*.py"), *ROOT.glob("*.yaml")]:
        shutil.copy(path, tmp_path)
    for folder in ("components", "ecs", "promotion", "simulator"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    services = tmp_path / "services.py"
    services.write_text(services.read_text().replace("port=9001", "port=80"))
    run = subprocess.run([sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (
        1,
        "services.py: authsvc.port 80: 1024 to 65535, as the process is not root\n",
    )


def test_a_fault_that_no_rollout_met_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--stack", "dev", "--home", str(tmp_path), "--fault", "rollback:promptsvc"]) == 1
    assert capsys.readouterr().err.endswith(
        "There was no rollout of promptsvc to fail: change its image or size first.\n"
    )


def test_a_stack_that_is_no_name_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["preview", "--stack", "a/b"])
    assert exited.value.code == 2
    assert "'a/b': letters, digits, hyphens, underscores and periods" in capsys.readouterr().err
