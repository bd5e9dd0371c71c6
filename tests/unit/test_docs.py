"""What the documents name is there: targets, modules, files, tests."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.declared import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@each_page
def test_every_target_that_a_page_names_is_in_the_makefile(page: Path) -> None:
    named = set(re.findall(r"(?:^    |`)make ([a-z-]+)", page.read_text(), re.MULTILINE))
    assert named <= TARGETS, named - TARGETS


@each_page
def test_every_module_that_a_page_runs_is_there(page: Path) -> None:
    named = set(re.findall(r"python -m ([a-z_.]+)", page.read_text()))
    assert [name for name in named if find_spec(name) is None] == []


@each_page
def test_every_file_that_a_page_links_is_there(page: Path) -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in linked if not (page.parent / link).exists()] == []


def test_every_test_that_the_architecture_names_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+?)(?:_…)?)?`", (ROOT / "docs" / "architecture.md").read_text())
    assert named
    assert [(file, test) for file, test in named if f"def {test}" * bool(test) not in (ROOT / file).read_text()] == []
