"""The README's commands, run as written in a clone of this repository with the tests' own stack files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.declared import CATALOGUE, ROOT, STACKS
from tools.generate import outcome

README = (ROOT / "README.md").read_text()
IDENTITY = {"GIT_AUTHOR_NAME": "reader", "GIT_AUTHOR_EMAIL": "reader@example.com"}
COMMITTER = {"GIT_COMMITTER_NAME": "reader", "GIT_COMMITTER_EMAIL": "reader@example.com"}


def commands(heading: str) -> list[str]:
    """The indented lines below a heading."""
    [section] = re.findall(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    return re.findall(r"^    (\S.*)$", section, re.MULTILINE)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What `git clone` gives, after the setup of the first target."""
    folder = tmp_path / "mrgnl-infra"
    listed = run("git ls-files --cached --others --exclude-standard -z", ROOT).split("\0")
    for name in filter(None, listed):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for file in STACKS.iterdir():
        shutil.copy(file, folder)
    for name in (".venv", ".cache"):
        (folder / name).symlink_to((ROOT / name).resolve())
    os.utime(folder / "tools" / "requirements" / "dev.txt", (0, 0))  # older than .venv/.ready: nothing is installed
    run("git init --quiet --initial-branch main", folder)
    run("printf '/.venv\n/.cache\n' >> .git/info/exclude && git add --all && git commit --quiet -m first", folder)
    return folder


def run(command: str, folder: Path) -> str:
    environment = {**os.environ, **IDENTITY, **COMMITTER}
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def images(folder: Path, stack: str) -> dict[str, str]:
    return json.loads(run(f"make outputs STACK={stack}", folder))["images"]


def without_digests(table: str) -> list[str]:
    """The lines without their digests and rules; a column's width does not count."""
    lines = [re.sub(r"sha256:\S+", "sha256:…", line) for line in table.splitlines()]
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
