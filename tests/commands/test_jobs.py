"""docs/howto/jobs.md, run as written in a clone of this repository with the tests' own stack files."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.commands.test_first_change import apply, steps
from tests.commands.test_readme import clone, run
from tests.declared import ROOT

__all__ = ["clone"]
PAGE = ROOT / "docs" / "howto" / "jobs.md"
OPS = ".venv/bin/python -m ops"


def test_a_job_is_declared_run_and_watched(clone: Path) -> None:
    printed: dict[str, str] = {}
    for step in steps(PAGE.read_text().partition("## On a machine with Docker")[0]):
        if step.startswith("#"):
            apply(step, clone)
        else:
            printed[step] = run(step, clone)
    assert '"msg": "completed"' in printed[f"{OPS} run dev cleanup --simulator"]
    assert '"msg": "completed"' in printed[f"{OPS} run dev cleanup --simulator -- -dry-run"]
    jobs = printed[f"{OPS} jobs dev --simulator"]
    assert "cleanup: cron(0 3 * * ? *) Europe/Berlin, enabled" in jobs
    assert jobs.count("exit 0") == 2
    assert printed[f"{OPS} logs dev cleanup --simulator"].count('"msg": "completed"') == 2
    composed = yaml.safe_load((clone / "image" / "compose.yaml").read_text())["services"]["cleanup"]
    assert (composed["profiles"], composed["command"]) == (["jobs"], ["-cleanup"])
