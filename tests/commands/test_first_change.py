"""docs/howto/first-change.md, run as written in a clone of this repository with the tests' own stack files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.commands.test_readme import clone, images, run
from tests.declared import ROOT

__all__ = ["clone"]
PAGE = ROOT / "docs" / "howto" / "first-change.md"


def steps(section: str) -> Iterator[str]:
    """The commands and the diffs of a section, in order."""
    for diff, command in re.findall(r"^```diff\n(.*?)^```$|^    (\S[^\n]*)$", section, re.MULTILINE | re.DOTALL):
        yield diff or command


def apply(diff: str, folder: Path) -> None:
    """Edits the file that the first line names. `…` stands for the rest of a line."""
    name, *lines = diff.splitlines()
    old = "".join(f"{re.escape(line[1:]).replace('…', '.*')}\n" for line in lines if line[0] in " -")
    new = "".join(f"{line[1:]}\n" for line in lines if line[0] in " +")
    file = folder / name.removeprefix("# ")
    text, count = re.subn(old, lambda _: new, file.read_text())
    assert count == 1, diff
    file.write_text(text)


def test_the_first_change_reaches_prod_and_returns_and_is_removed(clone: Path) -> None:
    before, *sections = re.split(r"^## .*\n", PAGE.read_text().partition("## On AWS")[0], flags=re.MULTILINE)
    printed: dict[str, str] = {}
    seen: list[tuple[bool, bool]] = []
    for section in (before, *sections):
        for step in steps(section):
            if step.startswith("#"):
                apply(step, clone)
            else:
                printed[step] = run(step, clone)
        seen.append(("mailsvc" in images(clone, "dev"), "mailsvc" in images(clone, "prod")))
    assert seen == [(False, False), (True, True), (True, True), (True, True), (False, False)]
    for stack in ("dev", "prod"):
        command = "make secret NAME=smtp-password" + " STACK=prod" * (stack == "prod")
        lines = printed[command].rsplit("marginalia:stack:\n", 1)[1]
        assert "".join(f"+{line}\n" for line in lines.splitlines()) in PAGE.read_text()
    assert "mailsvc" not in "".join((clone / name).read_text() for name in ("services.py", "README.md"))
