"""The stacks of a workflow run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import stackfile
from config.stackfile import KEY
from tools.ci import stacks
from tools.ci.stacks import select


def write(folder: Path, **sections: str) -> None:
    """Writes a stack file for each section, and files that are none."""
    for name in ["Pulumi.yaml", "Pulumi.dev.yaml.orig", "Makefile"]:
        (folder / name).touch()
    for name, section in sections.items():
        (folder / stackfile.name(name)).write_text(f"config: {{{KEY}: {section}}}\n")


NONE: list[str] = []


@pytest.mark.parametrize(
    ("event", "only", "expected"),
    [
        ("push", "", (["dev", "prod", "test"], ["dev", "test"])),
        ("pull_request", "", (["dev", "prod", "test"], ["dev", "test"])),
        ("workflow_dispatch", "dev", (["dev"], ["dev"])),
        ("workflow_dispatch", "prod", (["prod"], NONE)),
        ("repository_dispatch", "", (["dev", "test"], ["dev", "test"])),
    ],
)
def test_an_event_concerns_all_stacks_or_the_chosen_one_or_those_that_build(
    tmp_path: Path, event: str, only: str, expected: tuple[list[str], list[str]]
) -> None:
    write(tmp_path, test='{"build": {"context": x}}', dev="{build: {context: x}}", prod="{images: {}}")
    assert select(tmp_path, event=event, only=only) == expected


@pytest.mark.parametrize("name", ["prod.eu", "a b", 'q"uote', "x$(y)", "ä", "x\ny=z"])
def test_the_name_of_a_stack_is_data(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STACK", raising=False)  # of a `make` that runs the tests
    write(tmp_path, **{name: "{images: {}}"})
    assert stacks.main(tmp_path) == 0
    listed, building = capsys.readouterr().out.splitlines()
    assert json.loads(listed.removeprefix("stacks=")) == [name]
    assert building == "building=[]"


def test_an_invalid_stack_file_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("[")
    assert stacks.main(tmp_path) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith("Pulumi.dev.yaml:")
