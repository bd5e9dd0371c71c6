"""A base that an earlier comparison deployed is not deployed again; a base or code that differs in anything is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from review.known_bases import CODE, KEPT, KnownBases
from review.trial import Outcome
from review.worktree import Copy, Repository
from tests.declared import ROOT

DEPLOYED = {"dev": Outcome(resources=[{"urn": "a"}], steps=(), errors=())}


class World:
    """A base, the code that deploys it, and what was kept."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.deployments, self.outcomes, self.tools = folder, 0, DEPLOYED, "3.232.0"
        self.edit: Callable[[World], object] = lambda _: None
        self.code, self.kept = folder / "code", folder / "kept"
        self.base = Copy(repository=Repository(top=folder / "top", prefix=""), folder=folder / "base", commit="0")
        for file in (self.code / "simulator" / "engine.py", self.base.folder / "a" / "file", folder / "outside"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("content")
        (self.base.folder / "link").symlink_to("a/file")

    def compare(self, *stacks: str) -> tuple[object, str]:
        """What the base deployed, and the file in the home that it made."""
        home = self.folder / f"home-{self.deployments}"
        home.mkdir(exist_ok=True)

        def deploy() -> dict[str, Outcome]:
            self.deployments += 1
            self.edit(self)
            (home / "cloud").write_text("a bucket")
            return self.outcomes

        known = KnownBases(self.kept, code=self.code, tools=self.tools)
        found = known.deployed(self.base, stacks or ("dev",), home, deploy)
        return found, (home / "cloud").read_text()


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    assert world.compare() == (DEPLOYED, "a bucket")
    return world


def test_the_next_comparison_begins_with_what_the_base_deployed(world: World, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    world.base.folder.rename(elsewhere)
    world.base = replace(world.base, folder=elsewhere)
    assert world.compare() == (DEPLOYED, "a bucket")
    assert world.deployments == 1, "each copy of a base has a folder of its own"


def written(name: str, content: str = "other") -> Callable[[World], object]:
    def change(world: World) -> None:
        (world.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (world.folder / name).write_text(content)

    return change


def linked(world: World) -> None:
    (world.base.folder / "link").unlink()
    (world.base.folder / "link").symlink_to("a")


DIFFERENCES: dict[str, Callable[[World], object]] = {
    "a file": written("base/a/file"),
    "one more file": written("base/b", ""),
    "a mode": lambda world: (world.base.folder / "a" / "file").chmod(0o755),
    "a link": linked,
    "the code": written("code/simulator/engine.py"),
    "the packages": written("code/requirements.txt"),
}


@pytest.mark.parametrize("change", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_base_that_differs_in_anything_is_deployed(world: World, change: Callable[[World], object]) -> None:
    change(world)
    world.compare()
    assert world.deployments == 2


def test_stacks_in_another_order_are_deployed(world: World) -> None:
    world.compare("dev", "prod")
    world.compare("prod", "dev")
    assert world.deployments == 3, "a stack runs images of those before it"


def test_a_base_that_builds_something_outside_of_its_copy_is_deployed_each_time(world: World) -> None:
    (world.base.folder / "context").symlink_to(world.folder / "outside")
    for _ in range(2):
        world.compare()
    assert world.deployments == 3, "its content is not known"


@pytest.mark.parametrize("damage", ["", "{", "{}"])
def test_a_base_whose_files_are_incomplete_is_deployed(world: World, damage: str) -> None:
    [kept] = world.kept.iterdir()
    (kept / "deployed.json").write_text(damage)
    assert (world.compare(), world.deployments) == ((DEPLOYED, "a bucket"), 2)
    assert (world.compare(), world.deployments) == ((DEPLOYED, "a bucket"), 2), "it is kept again"


def test_a_base_of_whose_home_a_part_is_missing_is_deployed(world: World) -> None:
    [kept] = world.kept.iterdir()
    (kept / "home" / "cloud").unlink()
    (kept / "home" / "more").mkdir()
    assert (world.compare(), world.deployments) == ((DEPLOYED, "a bucket"), 2)


def test_another_version_of_a_tool_deploys_the_base(world: World) -> None:
    world.tools = "3.999.0"
    world.compare()
    assert world.deployments == 2, "it may write another state"


def test_code_that_is_edited_meanwhile_keeps_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.edit = written("code/simulator/engine.py")
    for _ in range(2):
        world.compare()
    assert world.deployments == 2, "what the old code deployed is not what the new code deploys"


def test_a_base_may_have_names_that_are_no_text_and_loops_of_links(world: World) -> None:
    (world.base.folder / os.fsdecode(b"a\xff")).write_text("content")
    for _ in range(2):
        world.compare()
    assert world.deployments == 2
    (world.base.folder / "loop").symlink_to("loop")
    for _ in range(2):
        world.compare()
    assert world.deployments == 4, "where it leads is not known"


def test_a_base_that_fails_is_deployed_each_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.outcomes = {"dev": replace(DEPLOYED["dev"], errors=("an error",))}
    for _ in range(2):
        world.compare()
    assert world.deployments == 2, "the reason may be gone"


def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.kept.write_text("a file")
    for _ in range(2):
        assert world.compare() == (DEPLOYED, "a bucket")
    assert world.deployments == 2


def test_few_bases_are_kept(world: World) -> None:
    for number in range(2 * KEPT):
        written("base/a/file", str(number))(world)
        world.compare()
    assert len(list(world.kept.iterdir())) == KEPT


def test_the_code_is_all_that_a_comparison_imports() -> None:
    code = (
        "import pkgutil, sys, importlib\n"
        "for package in ('review', 'simulator'):\n"
        "    for each in pkgutil.walk_packages([package], f'{package}.'):\n"
        "        '__main__' in each.name or importlib.import_module(each.name)\n"
        "print(*{name.partition('.')[0] for name, each in list(sys.modules.items())"
        f" if (getattr(each, '__file__', '') or '').startswith({str(ROOT)!r}) and '.venv' not in each.__file__}})\n"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {*found.stdout.split()} <= {*CODE}, "a change of it may change what a base deploys"
