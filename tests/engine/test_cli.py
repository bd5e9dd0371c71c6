"""The commands, as they are typed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from simulator import cli
from simulator.cli import main
from simulator.program import Program
from tests.declared import ROOT
from tests.engine.conftest import Checkout


def run_with(folder: Path, command: list[str], before: str, after: str) -> subprocess.CompletedProcess[str]:
    """A command in a copy of the checkout whose catalogue was edited."""
    for path in [*ROOT.glob("*.py"), *ROOT.glob("*.yaml")]:
        shutil.copy(path, folder)
    for name in ("components", "ecs", "promotion", "simulator"):
        shutil.copytree(ROOT / name, folder / name)
    services = folder / "services.py"
    services.write_text(services.read_text().replace(before, after))
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [["simulator", "preview"], ["promotion", "dev", "prod"]])
def test_a_catalogue_that_contradicts_itself_is_one_message(tmp_path: Path, command: list[str]) -> None:
    run = run_with(tmp_path, command, "port=9001", "port=80")
    assert (run.returncode, run.stderr) == (
        1,
        "services.py: authsvc.port 80: 1024 to 65535, as the process is not root\n",
    )


@pytest.fixture
def program(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands run the tests' own stack files."""

    def program(_: Path) -> Program:
        return Program(checkout.root)

    monkeypatch.setattr(cli, "Program", program)


@pytest.mark.usefixtures("program")
def test_a_fault_that_no_rollout_met_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "cloud")
    assert main(["up", "--stack", "dev", "--home", home, "--fault", "rollback:promptsvc"]) == 1
    assert capsys.readouterr().err.endswith(
        "There was no rollout of promptsvc to fail: change its image or size first.\n"
    )


def test_a_stack_that_is_no_name_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["preview", "--stack", "a/b"])
    assert exited.value.code == 2
    assert "'a/b': letters, digits, hyphens, underscores and periods" in capsys.readouterr().err


@pytest.mark.usefixtures("program")
def test_a_destroy_that_is_refused_says_what_protects_the_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--stack", "prod", "--home", str(tmp_path / "cloud")]
    assert main(["up", *home]) == 0
    capsys.readouterr()
    assert main(["destroy", *home]) == 1
    said = capsys.readouterr().err
    assert "::database-instance" in said
    assert said.endswith("`protect: false` in the stack file, then up, then destroy.\n")


@pytest.mark.parametrize(("before", "after"), [("port=9001", "prt=9001"), ('"authsvc", port', '"authsvc" port')])
def test_an_entry_that_is_no_python_is_one_message(tmp_path: Path, before: str, after: str) -> None:
    run = run_with(tmp_path, ["simulator", "preview"], before, after)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert run.stderr.startswith("services.py cannot be read: ")
