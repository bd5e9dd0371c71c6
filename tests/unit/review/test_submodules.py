from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import UserError
from review.worktree import Repository, copied
from tests.git import commit_all, git

FILE = "services/authsvc/main.go"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one submodule, services/authsvc."""
    service, root = tmp_path / "authsvc", tmp_path / "mrgnl-infra"
    for folder in (service, root):
        folder.mkdir()
    (service / "main.go").write_text("one")
    commit_all(service)
    (root / ".gitignore").write_text("*.log\n")
    commit_all(root)
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(service), "services/authsvc")
    git(root, "commit", "--quiet", "--message", "submodule")
    return root


def files(root: Path, commit: str = "") -> dict[str, str]:
    with copied(Repository.of(root), commit) as copy:
        return {
            str(path.relative_to(copy.root)): path.read_text()
            for path in copy.root.rglob("*")
            if path.is_file() and not path.name.startswith(".git")
        }


def notes(root: Path, commit: str = "") -> list[str]:
    with copied(Repository.of(root), commit) as copy:
        return copy.notes


def bump(root: Path, content: str) -> None:
    (root / FILE).write_text(content)
    git(root / "services" / "authsvc", "commit", "--quiet", "--all", "--message", "bump")


def test_an_unchanged_submodule_is_no_change(root: Path) -> None:
    assert files(root, "HEAD") == files(root) == {FILE: "one"}


def test_an_edit_in_a_submodule_is_a_change(root: Path) -> None:
    (root / FILE).write_text("edited")
    (root / "services" / "authsvc" / "new.go").write_text("new")
    assert (files(root, "HEAD"), files(root)) == ({FILE: "one"}, {FILE: "edited", "services/authsvc/new.go": "new"})


@pytest.mark.parametrize("staged", [False, True])
def test_a_bump_of_a_submodule_is_a_change(root: Path, *, staged: bool) -> None:
    bump(root, "two")
    if staged:
        git(root, "add", ".")
    assert (files(root, "HEAD"), files(root)) == ({FILE: "one"}, {FILE: "two"})


def test_what_a_submodule_ignores_is_not_copied(root: Path) -> None:
    (root / "services" / "authsvc" / ".gitignore").write_text("*.bin\n")
    (root / "services" / "authsvc" / "x.bin").write_text("")
    assert FILE in files(root)
    assert "services/authsvc/x.bin" not in files(root)


def test_a_submodule_in_a_submodule_is_copied(root: Path, tmp_path: Path) -> None:
    inner = root / "services" / "authsvc"
    git(inner, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(tmp_path / "authsvc"), "lib")
    git(inner, "commit", "--quiet", "--message", "inner")
    git(root, "commit", "--quiet", "--all", "--message", "outer")
    assert files(root, "HEAD") == files(root) == {FILE: "one", "services/authsvc/lib/main.go": "one"}


def test_a_submodule_that_is_not_checked_out_is_in_neither_copy_and_noted(root: Path) -> None:
    git(root, "submodule", "--quiet", "deinit", "--force", "services/authsvc")
    assert files(root, "HEAD") == files(root) == {}
    assert notes(root, "HEAD") == []
    assert notes(root) == [
        "services/authsvc: this submodule is not checked out, so neither commit has its files."
        " Run git submodule update --init services/authsvc."
    ]


def test_a_submodule_that_was_removed_is_noted(root: Path) -> None:
    git(root, "rm", "--quiet", "services/authsvc")
    assert notes(root) == []
    assert notes(root, "HEAD") == [
        "services/authsvc: a submodule that only the base has. Its files are not in this checkout."
    ]


def test_a_commit_that_the_submodule_does_not_have_is_one_message(root: Path) -> None:
    missing = "1" * 40
    git(root, "update-index", "--cacheinfo", f"160000,{missing},services/authsvc")
    git(root, "commit", "--quiet", "--message", "a commit that was not fetched")
    with pytest.raises(UserError) as error:
        files(root, "HEAD")
    assert str(error.value) == (
        "services/authsvc: this submodule does not have commit 111111111111 of the base."
        f" Run git -C services/authsvc fetch origin {missing}."
    )
