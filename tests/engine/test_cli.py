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
from tests.declared import ROOT, STACKS
from tests.engine.conftest import Checkout


def run_with(folder: Path, command: list[str], entry: str) -> subprocess.CompletedProcess[str]:
    """A command in a copy of the checkout whose services.py has this one entry."""
    for path in (ROOT / "Pulumi.yaml", *STACKS.glob("*.yaml")):
        shutil.copy(path, folder)
    for name in ("bootstrap", "components", "config", "cost", "ecs", "image", "ops", "review", "simulator", "tools"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "services.py").write_text(f"from config.catalogue import Entry\n\nSERVICES = ({entry},)\n")
    (folder / ".cache").symlink_to(ROOT / ".cache")
    (folder / ".simulator").mkdir()
    (folder / ".simulator" / "cloud.sqlite").touch()
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False)


COMMANDS = [
    ["simulator", "preview"],
    ["simulator", "up", "--fault", "rollback:authsvc"],
    ["review", "rehearse"],
    ["ops", "promote", "dev", "prod", "--simulator"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_catalogue_that_contradicts_itself_is_one_message(tmp_path: Path, command: list[str]) -> None:
    run = run_with(tmp_path, command, 'Entry(name="authsvc", port=80)')
    message = "services.py:3: authsvc.port is 80: must be a number from 1024 to 65535, as the process is not root."
    assert (run.returncode, message in run.stdout + run.stderr, "Traceback" in run.stderr) == (1, True, False)


@pytest.fixture
def program(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands run the tests' own stack files."""

    def program(_: Path, folder: str = "") -> Program:
        return Program(checkout.root, folder)

    monkeypatch.setattr(cli, "Program", program)


@pytest.mark.usefixtures("program")
def test_a_fault_that_no_operation_can_meet_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = str(tmp_path / "cloud")
    assert main(["up", "--stack", "dev", "--home", home, "--fault", "rollback:promptsvc"]) == 1
    assert capsys.readouterr().err.endswith("rollback:promptsvc: no deployed resource has this name. Run up first.\n")


def test_a_stack_that_is_no_name_is_not_understood(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["preview", "--stack", "a/b"])
    assert exited.value.code == 64
    assert "'a/b': not a stack name." in capsys.readouterr().err


@pytest.mark.usefixtures("program")
def test_a_destroy_that_is_refused_says_what_protects_the_stack(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = ["--stack", "prod", "--home", str(tmp_path / "cloud")]
    assert main(["up", *home]) == 0
    capsys.readouterr()
    assert main(["destroy", *home]) == 1
    _, *reported = capsys.readouterr().err.splitlines()
    assert [line for line in reported if "database-instance" in line] == [
        'error: resource "database-instance" cannot be deleted because it is protected.'
    ]
    assert reported[-1].endswith("set `protect: false` in the stack file, run up, then destroy.")
    assert "pulumi" not in "".join(reported)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('Entry(name="authsvc", prt=9001)', "services.py:3: authsvc.prt: no such field. Did you mean port? The fields"),
        ('Entry(name="authsvc" port=9001)', "services.py:3: cannot be read. Look for a comma, a bracket or a quote"),
        ("Entri()", "services.py:3: Entri is not defined. Did you mean Entry?"),
    ],
)
def test_an_entry_that_is_no_python_is_one_message(tmp_path: Path, entry: str, message: str) -> None:
    run = run_with(tmp_path, ["simulator", "preview"], entry)
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert run.stderr.startswith(message)


@pytest.mark.usefixtures("program")
def test_a_role_of_a_stack_without_bootstrap_is_one_message_with_its_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["up", "--role", "deploy", "--home", str(tmp_path / "home")]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "dev: has no role deploy. Deploy bootstrap first: python -m simulator up --program bootstrap --stack dev"
    )


@pytest.mark.usefixtures("program")
def test_bootstrap_is_deployed_and_prints_its_components(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--home", str(tmp_path / "home")]
    assert main(["up", "--program", "bootstrap", *home]) == 0
    assert capsys.readouterr().out.splitlines() == ["dev: 27 created", "  ci     +17", "  state  +10"]
    assert main(["preview", "--role", "preview", *home]) == 0
