"""The rehearsal of docs/deploy-to-aws.md, run as written in a clone with the tests' own stack files."""

from __future__ import annotations

import re
from pathlib import Path

from tests.declared import CATALOGUE, ROOT
from tests.engine.test_readme import clone, images, run

__all__ = ["clone"]


def test_both_programs_are_rehearsed_under_the_roles_of_ci(clone: Path) -> None:
    [section] = re.findall(r"^## 1\. .*?\n(.*?)^## 2", (ROOT / "docs" / "deploy-to-aws.md").read_text(), re.M | re.S)
    lines = re.findall(r"^    (\S.*)$", section, re.MULTILINE)
    assert len(lines) > 1
    for line in lines:
        run(line, clone)
    assert images(clone, "dev").keys() == set(CATALOGUE.names)
    assert images(clone, "prod") == {}, "prod waits for its first promotion"
