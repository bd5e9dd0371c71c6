from __future__ import annotations

import gc
import shutil
import sys
from pathlib import Path
from textwrap import indent

import pytest
from pulumi import RunError

from config import load
from simulator.program import Program
from tests.declared import ROOT, SMALL_STACK, STACKS

SMALL = "config:\n  aws:region: us-east-1\n  marginalia:stack:" + indent(SMALL_STACK, "    ")

OTHER = SMALL.replace("bucket: {", "prefix: other\n    bucket: {").replace("content-test", "content-other")
"""A stack that shares no name with the first."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A program with one valid stack file, one invalid one and one that is not YAML."""
    for name in ("config", "ecs", "image"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(STACKS / "services.py", tmp_path)
    (tmp_path / "__main__.py").write_text("from config import load\nload.RAN = True\n")
    (tmp_path / "Pulumi.yaml").write_text("name: marginalia\n")
    (tmp_path / "Pulumi.valid.yaml").write_text(SMALL)
    (tmp_path / "Pulumi.invalid.yaml").write_text(OTHER.replace("us-east-1a", "eu-west-1a"))
    (tmp_path / "Pulumi.broken.yaml").write_text("config: [")
    return tmp_path


def rejection(root: Path, stack: str) -> str:
    with pytest.raises(RunError) as error, Program(root).loaded(stack):
        pytest.fail("no error was raised")
    return str(error.value)


def test_what_an_earlier_run_in_the_same_process_left_can_be_freed(root: Path) -> None:
    with Program(root).loaded("valid"):
        pass
    frozen = gc.get_freeze_count()
    for _ in range(2):
        with Program(root).loaded("valid"):
            pass
    assert gc.get_freeze_count() <= frozen


def test_the_error_for_a_missing_stack_file_lists_the_existing_ones(root: Path) -> None:
    assert rejection(root, "live") == (
        "Pulumi.live.yaml: does not exist. There are stack files for broken, invalid, valid."
    )


def test_a_stack_file_that_is_not_yaml_is_rejected_with_its_name_line_and_column(root: Path) -> None:
    assert rejection(root, "broken") == (
        "Pulumi.broken.yaml:1: is not YAML: expected the node content, but found '<stream end>' (column 10)."
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "missing."),
        ("- config", "missing."),
        ("config", "missing."),
        ("{}", "missing."),
        ("encryptionsalt: v1:x", "missing."),
        ("config:", "must be a mapping."),
        ("config: []", "must be a mapping."),
        ("config: x", "must be a mapping."),
        ("confg: {}", "missing. Did you mean config in place of confg?"),
    ],
)
def test_a_stack_file_without_configuration_is_rejected(root: Path, content: str, problem: str) -> None:
    (root / "Pulumi.broken.yaml").write_text(content)
    assert rejection(root, "broken") == (
        f"Pulumi.broken.yaml: config: {problem} Its keys are aws:region and marginalia:stack."
    )


def test_an_invalid_stack_file_is_refused_before_the_program_runs(root: Path) -> None:
    assert rejection(root, "invalid") == (
        'Pulumi.invalid.yaml:6: marginalia:stack.network.zones.0 is "eu-west-1a":'
        " must be a zone of aws:region, such as us-east-1a."
    )


def test_an_unknown_configuration_key_is_rejected(root: Path) -> None:
    stack = (root / "Pulumi.valid.yaml").read_text().replace("config:", "config:\n  aws:profile: mine", 1)
    (root / "Pulumi.valid.yaml").write_text(stack)
    assert rejection(root, "valid") == (
        "Pulumi.valid.yaml:2: aws:profile: no such key. The keys are aws:region and marginalia:stack."
    )


def test_an_invalid_catalogue_is_refused_before_the_program_runs(root: Path) -> None:
    entry = 'Entry(name="asvc", port=80)'
    (root / "services.py").write_text(f"from config.catalogue import Entry\nSERVICES = [{entry}]\n")
    assert rejection(root, "valid") == (
        "services.py:2: asvc.port is 80: must be a number from 1024 to 65535, as the process is not root."
    )


def test_the_program_imports_the_modules_of_its_root_and_ours_are_restored(root: Path) -> None:
    path = list(sys.path)
    with Program(root).loaded("valid") as run:
        assert sys.modules["config.load"].__file__ == str(root / "config" / "load.py")
        run()
        assert sys.modules["config.load"].__dict__["RAN"]
    assert sys.modules["config.load"] is load
    assert sys.path == path


def test_a_root_with_the_same_code_runs_our_modules_and_its_own_services_and_main(root: Path) -> None:
    for name in ("bootstrap", "components"):
        shutil.copytree(ROOT / name, root / name)
    with Program(root).loaded("valid") as run:
        assert sys.modules["config.load"] is load
        run()
    assert load.__dict__.pop("RAN")
    (root / "components" / "task.py").write_text("CHANGED = True\n")
    with Program(root).loaded("valid"):
        assert sys.modules["config.load"] is not load


def test_a_module_at_the_root_is_imported_from_each_root(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "program"
    shutil.copytree(root, other)
    for each in (root, other):
        (each / "alarms.py").write_text(f"ROOT = {str(each)!r}\n")
        (each / "__main__.py").write_text("import alarms\nfrom config import load\nload.RAN = alarms.ROOT\n")
        with Program(each).loaded("valid") as run:
            run()
            assert sys.modules["config.load"].__dict__["RAN"] == str(each)
    assert "alarms" not in sys.modules


def test_our_modules_are_restored_after_an_error(root: Path) -> None:
    path = list(sys.path)
    rejection(root, "invalid")
    assert sys.modules["config.load"] is load
    assert sys.path == path


def test_no_file_of_the_program_is_written(root: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in root.glob("*.*") if file.is_file()}

    before = contents()
    with Program(root).loaded("valid"):
        pass
    assert contents() == before


def test_the_error_for_a_stack_file_that_is_not_yaml_shows_no_secret(root: Path) -> None:
    (root / "Pulumi.broken.yaml").write_text("config:\n  secrets: {KEY: hunter2: x}\n")
    assert "hunter2" not in rejection(root, "broken")
