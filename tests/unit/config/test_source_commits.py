"""The commits of build contexts and of pins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config import source_commits
from config.source_commits import DIGITS, of_folder
from tests.git import commit_all, git

PIN = f"0.dkr.ecr.x/mrgnl-mcp@sha256:{'a' * 64}"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the folders app and ignored, both with a file."""
    for name in ("app", "ignored", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.go").write_text("package main\n")
    (tmp_path / ".gitignore").write_text("ignored\nbin\n")
    commit_all(tmp_path)
    return tmp_path


def head(repository: Path) -> str:
    return git(repository, "rev-parse", "HEAD")[:DIGITS]


def nothing(_: Path) -> None: ...


def elsewhere(repository: Path) -> None:
    (repository / "other" / "main.go").write_text("package other\n")


def ignored_file(repository: Path) -> None:
    (repository / "app" / "bin").touch()


@pytest.mark.parametrize("edit", [nothing, elsewhere, ignored_file])
def test_a_folder_as_committed_is_of_the_commit(repository: Path, edit: Callable[[Path], None]) -> None:
    edit(repository)
    assert of_folder(repository / "app") == head(repository)


def edited(repository: Path) -> None:
    (repository / "app" / "main.go").write_text("package other\n")


def staged(repository: Path) -> None:
    edited(repository)
    git(repository, "add", "--all")


def new(repository: Path) -> None:
    (repository / "app" / "new.go").touch()


def deleted(repository: Path) -> None:
    (repository / "app" / "main.go").unlink()


@pytest.mark.parametrize("edit", [edited, staged, new, deleted])
def test_a_folder_with_other_files_is_of_no_commit(repository: Path, edit: Callable[[Path], None]) -> None:
    edit(repository)
    assert of_folder(repository / "app") == "", "a reader would look for the source in a commit that lacks it"


def test_a_folder_that_git_ignores_is_of_no_commit(repository: Path) -> None:
    (repository / "ignored" / "deep").mkdir()
    assert [of_folder(repository / each) for each in ("ignored", "ignored/deep")] == ["", ""]


def test_without_a_repository_a_commit_or_git_there_is_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert of_folder(tmp_path) == ""
    git(tmp_path, "init", "--quiet")
    assert of_folder(tmp_path) == ""
    monkeypatch.setenv("PATH", "")
    assert of_folder(tmp_path) == ""


def test_only_the_comment_of_a_pinned_image_names_a_commit() -> None:
    text = f"    images:\n      mcp: {PIN} # promoted from dev, commit 0123456\n  note: x # commit 1234567\n"
    assert source_commits.pinned(text) == {"mcp": "0123456"}
