from __future__ import annotations

import subprocess
import sys

from policy import reference
from policy.rules import RULES
from tests.declared import ROOT


def test_the_committed_page_is_the_one_that_make_generate_writes() -> None:
    assert (ROOT / "docs" / "policy.md").read_text() == reference.markdown(), "run `make generate`"


def test_the_page_has_a_section_for_each_rule() -> None:
    headings = [line.removeprefix("## ") for line in reference.markdown().splitlines() if line.startswith("## ")]
    assert headings == [rule.id for rule in RULES]


def test_the_rules_import_neither_pulumi_nor_more_of_this_repository_than_types_and_the_estimate() -> None:
    code = "import sys, policy.reference; print(*sys.modules)"
    imports = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    modules = imports.stdout.split()
    ours = {each.name for each in ROOT.iterdir() if each.is_dir()} - {"policy"}
    assert [name for name in modules if name.startswith("pulumi")] == []
    found = {name for name in modules if name.partition(".")[0] in ours}
    assert {name for name in found if not name.startswith("cost")} == {"ecs", "ecs.types", "ecs.fargate"}
