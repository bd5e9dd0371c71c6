"""The README's commands, run as written in a clone of this repository with the tests' own stack files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.clone import clone_in, run
from tests.declared import CATALOGUE, ROOT, STACKS
from tools.generate import outcome

README = (ROOT / "README.md").read_text()


def commands(heading: str) -> list[str]:
    """The indented lines below a heading."""
    [section] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return re.findall(r"^    (\S.*)$", section, re.MULTILINE)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return clone_in(tmp_path)


def images(folder: Path, stack: str) -> dict[str, str]:
    return json.loads(run(f"make outputs STACK={stack}", folder))["images"]


def without_digests(table: str) -> list[str]:
    """The lines without their digests and rules; a column's width does not count."""
    lines = [re.sub(r"\b[0-9a-f]{12}\b", "…", line) for line in table.splitlines()]
    return [" ".join(line.split()) for line in lines if line.strip() and not re.search("[━─]", line)]


def test_the_readmes_commands_deploy_promote_and_roll_back(clone: Path) -> None:
    lines = commands("Review, promote and roll back in the simulator")
    assert lines[1].startswith("make up")
    run(lines[0], clone)
    printed = run(lines[1], clone)
    assert without_digests(printed[printed.index("dev, simulated") :]) == without_digests(
        "\n".join(outcome(CATALOGUE, STACKS))
    )
    deployed: list[dict[str, str]] = []
    for line in lines[2:]:
        printed = run(line, clone)
        if line.startswith("make diff"):
            assert "roll out" in printed
        if line == "make up STACK=prod":
            deployed.append(images(clone, "prod"))
    first, edited, reverted = deployed
    assert first.keys() == set(CATALOGUE.names)
    assert edited != first
    assert reverted == first
