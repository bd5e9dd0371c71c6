"""The commits of build contexts and of pins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from image import source_commits
from image.source_commits import DIGITS, IGNORE_FILE, of_context
from tests.git import commit_all, git

PIN = f"0.dkr.ecr.x/mrgnl-mcp@sha256:{'a' * 64}"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the folders app and ignored, both with a file."""
    root = tmp_path / "repository"
    for name in ("app", "ignored", "other"):
        (root / name).mkdir(parents=True)
        (root / name / "main.go").write_text("package main\n")
    (root / ".gitignore").write_text("ignored\nbin\ngenerated.go\n")
    commit_all(root)
    return root


def of(repository: Path, folder: str = "app") -> str:
    """The commit of a folder as a build context. Docker ignores its folder bin."""
    file = repository.parent / "program" / IGNORE_FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("**/bin\n")
    return of_context(repository / folder, repository.parent / "program")


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD")[:DIGITS]


def nothing(_: Path) -> None: ...


def elsewhere(repository: Path) -> None:
    (repository / "other" / "main.go").write_text("package other\n")


def ignored_by_both(repository: Path) -> None:
    (repository / "app" / "bin").mkdir()
    (repository / "app" / "bin" / "service").touch()


def untracked_files_are_not_shown(repository: Path) -> None:
    git(repository, "config", "status.showUntrackedFiles", "no")


@pytest.mark.parametrize("edit", [nothing, elsewhere, ignored_by_both, untracked_files_are_not_shown])
def test_a_folder_as_committed_is_of_the_commit(repository: Path, edit: Callable[[Path], None]) -> None:
    edit(repository)
    assert of(repository) == head(repository)


def edited(repository: Path) -> None:
    (repository / "app" / "main.go").write_text("package other\n")


def staged(repository: Path) -> None:
    edited(repository)
    git(repository, "add", "--all")


def new(repository: Path) -> None:
    (repository / "app" / "new.go").touch()


def deleted(repository: Path) -> None:
    (repository / "app" / "main.go").unlink()


def ignored_by_git_alone(repository: Path) -> None:
    (repository / "app" / "generated.go").touch()


def renamed(repository: Path) -> None:
    git(repository, "mv", "app/main.go", "app/server.go")


def new_and_not_shown(repository: Path) -> None:
    untracked_files_are_not_shown(repository)
    new(repository)


@pytest.mark.parametrize("edit", [edited, staged, new, deleted, renamed, ignored_by_git_alone, new_and_not_shown])
def test_a_folder_with_other_files_is_of_no_commit(repository: Path, edit: Callable[[Path], None]) -> None:
    edit(repository)
    assert of(repository) == "", "a reader would look for the source in a commit that lacks it"


def test_a_folder_that_git_ignores_is_of_no_commit(repository: Path) -> None:
    (repository / "ignored" / "deep").mkdir()
    (repository / "ignored" / "deep" / "main.go").touch()
    assert [of(repository, each) for each in ("ignored", "ignored/deep")] == ["", ""]


def test_without_a_repository_a_commit_or_git_there_is_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert of(tmp_path, "") == ""
    git(tmp_path, "init", "--quiet")
    assert of(tmp_path, "") == ""
    monkeypatch.setenv("PATH", "")
    assert of(tmp_path, "") == ""


def test_only_the_comment_of_a_pinned_image_names_a_commit() -> None:
    text = f"    images:\n      mcp: {PIN} # promoted from dev, commit 0123456\n  note: x # commit 1234567\n"
    assert source_commits.pinned(text) == {"mcp": "0123456"}


@pytest.mark.parametrize("key", ["mcp", '"on"', "'no'"])
def test_the_comment_of_a_promotion_is_read_again(key: str) -> None:
    """YAML takes some names for other values, so they are in quotes."""
    line = f"      {key}: {PIN} # {source_commits.comment('promoted from dev', '2026-11-26', '0123456789ab')}"
    assert source_commits.pinned(line) == {key.strip("\"'"): "0123456789ab"}
    assert (
        source_commits.pinned(f"      {key}: {PIN} # {source_commits.comment('promoted from dev', '2026-11-26', None)}")
        == {}
    )
