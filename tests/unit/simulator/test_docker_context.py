"""The files of a build context that are not plain, and the ones that cannot be read."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.simulator.edits import append, both, chmod, cleared, create, digest, link, remove, rename
from tests.unit.simulator.world import World, rejection


@pytest.mark.parametrize("to", ["run.sh", "cmd", "../image/Dockerfile", "/etc/hostname"])
def test_a_link_that_leads_elsewhere_changes_the_digest(world: World, root: Path, to: str) -> None:
    link("source/link", "go.mod")(root)
    before = digest(world, root)
    link("source/link", to)(root)
    assert digest(world, root) != before


def test_a_link_whose_target_was_retargeted_changes_the_digest(world: World, root: Path) -> None:
    link("image/latest", "Dockerfile")(root)
    link("source/link", "../image/latest")(root)
    before = digest(world, root)
    create("image/Other")(root)
    link("image/latest", "Other")(root)
    assert digest(world, root) != before


def test_a_link_counts_by_where_it_leads_and_not_by_what_is_there(world: World, root: Path) -> None:
    create("outside", "text")(root)
    link("source/link", "../outside")(root)
    before = digest(world, root)
    append("outside")(root)
    link("source/link", "./../outside")(root)
    assert digest(world, root) == before


def test_a_link_is_not_the_file_that_it_leads_to(world: World, root: Path) -> None:
    create("source/copy", "module x")(root)
    before = digest(world, root)
    link("source/copy", "go.mod")(root)
    assert digest(world, root) != before


def test_the_digest_of_an_absolute_link_into_the_context_does_not_depend_on_the_location(
    world: World, root: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)
    for each in (root, copy):
        link("source/link", str(each / "source/go.mod"))(each)
    assert digest(world, copy) == digest(world, root)


@pytest.mark.parametrize(
    ("path", "edit", "message"),
    [
        pytest.param(
            "link", link("source/link", "nowhere"), "leads nowhere. Remove the link or ignore it.", id="dangling"
        ),
        pytest.param(
            "loop", link("source/loop", "loop"), "Too many levels of symbolic links. Fix it or ignore it.", id="loop"
        ),
        pytest.param(
            "link",
            link("source/link", "go.mod/x"),
            "Not a directory. Fix it or ignore it.",
            id="through-a-file",
        ),
    ],
)
def test_a_link_that_leads_nowhere_is_an_error_unless_it_is_ignored(
    world: World, root: Path, path: str, edit: Callable[[Path], object], message: str
) -> None:
    edit(root)
    separator = " " if message.startswith("leads") else ": "
    assert rejection(lambda: digest(world, root)) == f"failed to build: source/{path}{separator}{message}"
    create("source/.dockerignore", f".dockerignore\n{path}")(root)
    with_link = digest(world, root)
    remove(f"source/{path}")(root)
    assert digest(world, root) == with_link


def test_a_pipe_is_not_read(world: World, root: Path) -> None:
    before = digest(world, root)
    os.mkfifo(root / "source/pipe")
    assert digest(world, root) != before


def test_an_empty_folder_does_not_change_the_digest(world: World, root: Path) -> None:
    before = digest(world, root)
    (root / "source/empty").mkdir()
    assert digest(world, root) == before


def test_names_and_contents_cannot_be_moved_into_each_other(world: World, root: Path) -> None:
    """A name may contain a line break."""
    create("source/a", "1")(root)
    before = digest(world, root)
    rename("source/a", "source/a\n644")(root)
    assert digest(world, root) != before


@pytest.mark.parametrize("umask", [0o077, 0o027, 0o002])
def test_the_digest_does_not_depend_on_the_umask_of_the_clone(world: World, root: Path, umask: int) -> None:
    chmod("source/run.sh", 0o755)(root)
    before = digest(world, root)
    for path, mode in {"go.mod": 0o666, "notes.md": 0o666, "cmd/main.go": 0o666, "run.sh": 0o777}.items():
        chmod(f"source/{path}", mode & ~umask)(root)
    (root / "source/cmd").chmod(0o777 & ~umask)
    assert digest(world, root) == before


@pytest.mark.parametrize(
    "empty",
    [
        pytest.param(cleared("source"), id="folder"),
        pytest.param(create("image/Dockerfile.dockerignore", "*"), id="all-ignored"),
        pytest.param(both(cleared("source"), cleared("source/empty")), id="empty-folders"),
    ],
)
def test_a_context_without_a_file_is_an_error(world: World, root: Path, empty: Callable[[Path], object]) -> None:
    empty(root)
    assert rejection(lambda: digest(world, root)) == (
        "failed to build: source has no file that its ignore file admits. Clone the source there."
    )


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        pytest.param(
            create("source/.dockerignore", "a[b-a]"),
            "source/.dockerignore: 'a[b-a]': bad character range b-a at position 2. Write `\\[` for a bracket.",
            id="pattern",
        ),
        pytest.param(
            cleared("source/.dockerignore"),
            "source/.dockerignore: Is a directory. Fix it or ignore it.",
            id="ignore-file-is-a-folder",
        ),
        pytest.param(
            cleared("image/Dockerfile"),
            "image/Dockerfile: Is a directory. Fix it or ignore it.",
            id="dockerfile-is-a-folder",
        ),
        pytest.param(
            both(rename("source", "elsewhere"), create("source", "a file")),
            "source: Not a directory. Fix it or ignore it.",
            id="context-is-a-file",
        ),
    ],
)
def test_the_error_of_a_build_names_the_file_that_cannot_be_read(
    world: World, root: Path, edit: Callable[[Path], object], message: str
) -> None:
    edit(root)
    assert rejection(lambda: digest(world, root)) == f"failed to build: {message}"


def test_a_big_file_is_not_read_into_memory_at_once(world: World, root: Path) -> None:
    with (root / "source/big").open("wb") as big:
        big.truncate(64 * 2**20)  # a sparse file
    tracemalloc.start()
    digest(world, root)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 2**20


def test_a_folder_that_cannot_be_read_is_an_error_unless_it_is_ignored(
    world: World, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests may run as root, who reads everything."""
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("cmd"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert rejection(lambda: digest(world, root)) == "failed to build: source: Permission denied. Fix it or ignore it."
    create("source/.dockerignore", "*\n!go.mod\n!cmd/x/y")(root)
    assert digest(world, root)
