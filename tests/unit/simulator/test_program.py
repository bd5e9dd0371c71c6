from __future__ import annotations

import shutil
import sys
from pathlib import Path
from textwrap import indent

import pytest

import settings
from simulator.errors import SimulatorError
from simulator.program import Program
from tests.declared import ROOT, SMALL_STACK

SMALL = "config:\n  aws:region: us-east-1\n  marginalia:stack:" + indent(SMALL_STACK, "    ")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A program with three stack files, of which one is right."""
    for name in ("ecs", "image"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for module in ROOT.glob("[!_]*.py"):
        shutil.copy(module, tmp_path)
    (tmp_path / "__main__.py").write_text("import services\nservices.RAN = True\n")
    (tmp_path / "Pulumi.yaml").write_text("name: marginalia\n")
    (tmp_path / "Pulumi.right.yaml").write_text(SMALL)
    (tmp_path / "Pulumi.wrong.yaml").write_text(SMALL.replace("us-east-1a", "eu-west-1a"))
    (tmp_path / "Pulumi.broken.yaml").write_text("config: [")
    return tmp_path


def refusal(root: Path, stack: str) -> str:
    with pytest.raises(SimulatorError) as refused, Program(root).loaded(stack):
        pytest.fail("it was loaded")
    return str(refused.value)


def test_a_stack_file_that_does_not_exist_is_told_from_those_that_do(root: Path) -> None:
    assert refusal(root, "live") == ("Pulumi.live.yaml does not exist; there are stack files for broken, right, wrong")


def test_a_stack_file_that_is_no_yaml_is_refused_with_its_name_and_the_place(root: Path) -> None:
    message = refusal(root, "broken")
    assert message.startswith("Pulumi.broken.yaml is not YAML: ")
    assert "line 1, column 10" in message
    assert "\n" not in message


@pytest.mark.parametrize("content", ["", "- config", "config"])
def test_a_stack_file_that_holds_no_mapping_is_refused(root: Path, content: str) -> None:
    (root / "Pulumi.broken.yaml").write_text(content)
    assert refusal(root, "broken") == "Pulumi.broken.yaml: config: a mapping of configuration keys"


@pytest.mark.parametrize("content", ["{}", "config:", "config: []", "encryptionsalt: v1:x"])
def test_a_stack_file_without_configuration_is_refused(root: Path, content: str) -> None:
    (root / "Pulumi.broken.yaml").write_text(content)
    assert refusal(root, "broken") == "Pulumi.broken.yaml: config: a mapping of configuration keys"


def test_a_wrong_stack_file_is_refused_before_the_program_runs(root: Path) -> None:
    assert refusal(root, "wrong") == (
        'Pulumi.wrong.yaml: marginalia:stack.network.zones is "eu-west-1a":'
        " different zones of aws:region, such as us-east-1a"
    )


def test_a_key_beside_ours_that_nothing_reads_is_refused(root: Path) -> None:
    stack = (root / "Pulumi.right.yaml").read_text().replace("config:", "config:\n  aws:profile: mine", 1)
    (root / "Pulumi.right.yaml").write_text(stack)
    assert refusal(root, "right") == (
        "Pulumi.right.yaml: aws:profile: no such key; the keys are aws:region and marginalia:stack"
    )


def test_a_wrong_catalogue_is_refused_before_the_program_runs(root: Path) -> None:
    catalogue = (root / "services.py").read_text()
    (root / "services.py").write_text(catalogue.replace("port=9001", "port=80"))
    assert refusal(root, "right") == "services.py: authsvc.port 80: 1024 to 65535, as the process is not root"


def test_the_program_runs_with_the_modules_of_its_root_and_leaves_ours_alone(root: Path) -> None:
    path = list(sys.path)
    with Program(root).loaded("right") as run:
        assert sys.modules["services"].__file__ == str(root / "services.py")
        run()
        assert sys.modules["services"].__dict__["RAN"]
    assert sys.modules["settings"] is settings
    assert sys.path == path


def test_a_module_that_nobody_has_listed_is_each_roots_own(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other") / "program"
    shutil.copytree(root, other)
    for each in (root, other):
        (each / "alarms.py").write_text(f"WHERE = {str(each)!r}\n")
        (each / "__main__.py").write_text("import alarms, services\nservices.RAN = alarms.WHERE\n")
        with Program(each).loaded("right") as run:
            run()
            assert sys.modules["services"].__dict__["RAN"] == str(each)
    assert "alarms" not in sys.modules


def test_what_fails_leaves_our_modules_alone_too(root: Path) -> None:
    path = list(sys.path)
    refusal(root, "wrong")
    assert sys.modules["settings"] is settings
    assert sys.path == path


def test_nothing_of_the_committed_files_is_written(root: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in root.glob("*.*") if file.is_file()}

    before = contents()
    with Program(root).loaded("right"):
        pass
    assert contents() == before


def test_a_secret_in_a_stack_file_that_is_no_yaml_is_not_shown(root: Path) -> None:
    (root / "Pulumi.broken.yaml").write_text("config:\n  secrets: {KEY: hunter2: x}\n")
    assert "hunter2" not in refusal(root, "broken")
