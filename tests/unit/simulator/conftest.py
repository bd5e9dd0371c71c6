from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from simulator.store import Store
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World


@pytest.fixture
def world() -> Generator[World]:
    with closing(Store(":memory:")) as store:
        yield World(store=store)


@pytest.fixture
def promptsvc(world: World) -> Promptsvc:
    return Promptsvc(world)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a Dockerfile and a source folder. File modes do not depend on the umask."""
    root = tmp_path / "checkout"
    for name, text in {
        "image/Dockerfile": "FROM golang",
        "source/go.mod": "module x",
        "source/cmd/main.go": "package main",
        "source/notes.md": "notes",
        "source/run.sh": "true",
    }.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o644)
    return root
