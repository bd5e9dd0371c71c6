"""What docs/howto/rollout.md lets a reader practise, as written, in a clone with the tests' own stack files."""

from __future__ import annotations

from pathlib import Path

import yaml

from config.stackfile import KEY
from tests.commands.test_first_change import steps
from tests.commands.test_readme import clone, run
from tests.declared import ROOT

__all__ = ["clone"]
PAGE = ROOT / "docs" / "howto" / "rollout.md"


def test_a_reader_practises_to_approve_a_deployment(clone: Path) -> None:
    page = PAGE.read_text()
    text = page.partition("## Approval by a person")[2]
    file = clone / "Pulumi.dev.yaml"
    content = yaml.safe_load(file.read_text())
    keys = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    for each in (keys, {"redeploy": {"mcp": 1}}):
        run("make up", clone)
        content["config"][KEY].update(each)
        file.write_text(yaml.safe_dump(content))
    practise = [each.partition(" # ")[0].strip() for each in steps(text.partition("To practise")[2])]
    up, status, approve = (f".venv/bin/{each}" if each.startswith("python") else each for each in practise)
    assert "context canceled" in run(f"{up} 2>&1; test $? -eq 1", clone)
    assert "waits for approval until" in run(f"{status}; test $? -eq 2", clone)
    assert "To follow it" in run(f"{approve} --yes", clone)
    run("make up REFRESH=1 STACK=dev", clone)
