"""What the summary of a job says before an update whose deployments wait for a person."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.stackfile import KEY
from tests.declared import CATALOGUE, STACKS
from tests.images import images
from tests.workflows import jobs
from tools.ci import approval


def program(folder: Path, **rollout: Any) -> Path:
    """The program with this rollout in dev."""
    root = shutil.copytree(STACKS, folder / "program")
    file = root / "Pulumi.dev.yaml"
    content = yaml.safe_load(file.read_text())
    content["config"][KEY].update(rollout=rollout, images=images(CATALOGUE.names))
    del content["config"][KEY]["build"]
    file.write_text(yaml.safe_dump(content))
    return root


def test_it_names_the_services_that_wait_how_long_and_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shifts = {"strategy": "blue-green", "bake-minutes": 5}
    root = program(tmp_path, default=shifts, mcp={"approve": True, "approve-minutes": 45}, chatsvc={"approve": True})
    assert approval.main(["dev"], root=root) == 0
    printed = capsys.readouterr().out
    assert "before they get traffic: chatsvc (for 20 minutes at most), mcp (for 45 minutes at most)." in printed
    for command in ("ops status dev", "tools/smoke.py URL --green", "ops approve dev", "ops reject dev"):
        assert f"{command}`" in printed


def test_without_approval_the_summary_stays_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert approval.main(["dev"], root=program(tmp_path, default={"strategy": "blue-green", "bake-minutes": 5})) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_it_is_said_before_the_update_that_waits(job: str) -> None:
    """GitHub shows the summary of a step that has ended."""
    scripts = [each.get("run", "") for each in jobs("deploy")[job]["steps"]]
    [before] = [index for index, each in enumerate(scripts) if f"tools.ci.approval {job}" in each]
    [update] = [index for index, each in enumerate(scripts) if "pulumi up" in each]
    assert before < update
