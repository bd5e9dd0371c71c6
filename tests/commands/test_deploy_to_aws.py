"""The rehearsal of docs/deploy-to-aws.md, run as written in a clone with the tests' own stack files."""

from __future__ import annotations

import re
from pathlib import Path

from tests.commands.test_first_change import apply, steps
from tests.commands.test_readme import clone, images, run
from tests.declared import CATALOGUE, ROOT

__all__ = ["clone"]


def test_the_services_are_rehearsed_under_the_role_of_ci(clone: Path) -> None:
    [section] = re.findall(r"^## 1\. .*?\n(.*?)^## 2", (ROOT / "docs" / "deploy-to-aws.md").read_text(), re.M | re.S)
    printed: list[str] = []
    for step in steps(section):
        if step.startswith("#"):
            assert step.split("permissions-boundary: ")[1].strip() in printed[-1], "the page names the printed boundary"
            apply(step, clone)
        else:
            printed.append(run(step, clone))
    assert len(printed) == 4
    assert images(clone, "dev").keys() == set(CATALOGUE.names)
