"""The rooms of the house: which package may import which, what is at the top, and which words are not used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.declared import ROOT
from tests.git import git

ORDER: tuple[set[str], ...] = (
    {"ecs"},
    {"config", "cost"},
    {"image", "components", "services"},
    {"__main__", "bootstrap"},
    {"simulator", "policy"},
    {"review", "ops"},
    {"tools"},
)
"""Each package imports only from those before it: docs/adr/0011-the-house.md."""
APART = {
    "policy": {"ecs.types", "cost.deployment", "cost.estimate", "cost.money"},
    "cost": {"ecs.types", "ecs.fargate"},
}
"""Packages that import nothing of ours but these modules."""
OURS = {name for names in ORDER for name in names}
SOURCES = [
    path
    for name in sorted(OURS)
    for path in ([ROOT / f"{name}.py"] if (ROOT / f"{name}.py").exists() else sorted((ROOT / name).rglob("*.py")))
]
TOP = 26
"""Entries that a newcomer sees at once, two stack files among them."""


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in SOURCES}


def imported(path: Path) -> Iterator[str]:
    """The modules of this repository that a file imports, at its top or in a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [
                full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names
            ]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] in OURS)


def test_a_package_imports_only_from_packages_below_it() -> None:
    levels = {name: level for level, names in enumerate(ORDER) for name in names}
    upward = [
        f"{name} imports {other}"
        for name, path in MODULES.items()
        if (top := name.split(".")[0]) in levels
        for other in imported(path)
        if (target := other.split(".")[0]) != top and levels.get(target, len(ORDER)) >= levels[top]
    ]
    assert upward == []


@pytest.mark.parametrize("package", APART)
def test_a_package_that_stands_apart_imports_nothing_else_of_ours(package: str) -> None:
    found = {
        other
        for name, path in MODULES.items()
        if name.split(".")[0] == package
        for other in imported(path)
        if other.split(".")[0] != package
    }
    assert found <= APART[package]


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {name: set(imported(path)) - {name} for name, path in MODULES.items()}
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_a_newcomer_sees_few_entries_and_two_modules_at_the_top() -> None:
    """Another stack file is not one too many, and neither is what an editor leaves."""
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    entries = {name.split("/")[0] for name in listed if not re.fullmatch(r"Pulumi\..*\.yaml", name)}
    assert len(entries) <= TOP - 2, sorted(entries)
    assert {name for name in entries if name.endswith(".py")} == {"__main__.py", "services.py"}


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name)
def test_a_file_is_short_enough_to_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


PRIVATE_WORDS = set(
    """
    mistake mistakes way ways_in ways_out Access AccessArgs Host place stands lies anew made_up cut_off mend mended
    said told asked held_against held releasable chosen bring_up brought_up beside Call named_within name_is_global
    volatile refers refuses refuses_deletion complains PartialError deletes_with_it completes surely_made HIDDEN MADE_UP
    losses Loss from_nothing in_a_copy catalogue_guard made
    """.split()  # noqa: SIM905, it reads as a list of words
)
"""Words that a reader would have to learn, each with a standard term in its place: CONTRIBUTING.md."""


def identifiers(path: Path) -> set[str]:
    """The names that a file gives: to modules, functions, classes, variables, parameters and attributes."""
    names = {path.stem}
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.arg():
                names.add(node.arg)
            case ast.Attribute(ctx=ast.Store()):
                names.add(node.attr)
            case _:
                pass
    return names


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda path: path.name)
def test_no_identifier_is_a_word_of_a_private_language(path: Path) -> None:
    assert identifiers(path) & PRIVATE_WORDS == set()


def test_the_tests_run_with_the_packages_of_the_program() -> None:
    """A bot may raise one file only: `make lock` raises both."""
    program, dev = (
        set(re.findall(r"^\S+==\S+", (ROOT / file).read_text(), re.MULTILINE))
        for file in ("requirements.txt", "tools/requirements/dev.txt")
    )
    assert program
    assert program - dev == set()


@pytest.mark.parametrize("file", sorted((ROOT / "tools" / "requirements").glob("*.in")), ids=lambda file: file.name)
def test_every_package_has_an_upper_bound(file: Path) -> None:
    """The next major version is taken by a person, with the tests that it breaks."""
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith(("#", "-r"))]
    assert lines
    assert [line for line in lines if not re.search(r",<[\d.]+$", line)] == []
