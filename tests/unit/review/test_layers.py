"""The imports within `review` point one way."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.declared import ROOT

LAYERS = ("nouns", "deployment", "changes", "render", "trial", "promoted_sources", "advise", "known_bases", "cli")
"""A module imports from its own layer and from earlier ones."""
COPIES = ("links", "worktree", "build_contexts", "merge_base")
"""The copies of the commits; of the layers only OF_COPIES import them."""
OF_COPIES = ("known_bases", "cli")
MODULES = sorted((ROOT / "review").rglob("*.py"))


def imported(file: Path) -> set[str]:
    """The parts of `review` that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "review":
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("review."):
            found.add(node.module.split(".")[1])
    return found


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_module_imports_only_from_its_layer_and_earlier_ones(file: Path) -> None:
    part = file.relative_to(ROOT / "review").parts[0].removesuffix(".py")
    if part in ("__init__", "__main__"):
        return
    layers = LAYERS if part in LAYERS else COPIES
    allowed = {*layers[: layers.index(part) + 1], *(COPIES if part in OF_COPIES else ())}
    if part == "trial":
        allowed.remove("render")
    assert imported(file) <= allowed, "a layer must be usable without the later ones"
