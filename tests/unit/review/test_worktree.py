from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from config.problems import UserError
from review import worktree


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of one file."""
    root = tmp_path / "mrgnl-infra"
    root.mkdir()
    git(root, "init", "--quiet")
    for content in ("one", "two"):
        (root / "file").write_text(content)
        git(root, "add", ".")
        git(root, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "-m", content)
    return root


def git(root: Path, *arguments: str) -> str:
    program = shutil.which("git")
    assert program
    return subprocess.run([program, "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout


def test_a_checked_out_commit_leaves_the_repository_unchanged(repository: Path) -> None:
    (repository / "file").write_text("not committed")
    before = git(repository, "status", "--porcelain")
    with worktree.checked_out(repository, worktree.commit(repository, "HEAD~1")) as base:
        assert (base / "file").read_text() == "one"
        assert (repository / "file").read_text() == "not committed"
    assert not base.parent.exists()
    assert git(repository, "status", "--porcelain") == before
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_an_interruption_removes_the_worktree(repository: Path) -> None:
    with pytest.raises(KeyboardInterrupt), worktree.checked_out(repository, "HEAD") as base:
        raise KeyboardInterrupt
    assert not base.parent.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_a_copy_has_the_uncommitted_files_and_not_the_ignored_ones(repository: Path) -> None:
    (repository / ".gitignore").write_text("ignored\n")
    for name in ("ignored", "folder/ünew", "script"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(name)
    (repository / "script").chmod(0o700)
    (repository / "link").symlink_to("nowhere")
    git(repository, "add", "script")
    (repository / "file").unlink()
    with worktree.copied(repository) as head:
        assert head.name == repository.name
        there = sorted(str(path.relative_to(head)) for path in head.rglob("*") if not path.is_dir())
        assert there == [".gitignore", "folder/ünew", "link", "script"]
        assert (head / "script").stat().st_mode & 0o777 == 0o700
    assert not head.parent.exists()
    assert (repository / "ignored").exists()


def test_a_copy_has_a_nested_repository(repository: Path) -> None:
    inner = repository / "services"
    inner.mkdir()
    git(inner, "init", "--quiet")
    (inner / "main.go").write_text("package main")
    with worktree.copied(repository) as head:
        assert sorted(path.name for path in (head / "services").iterdir()) == ["main.go"]


@pytest.mark.parametrize("reference", ["nothing", "--all", "HEAD:file"])
def test_a_reference_that_names_no_commit_is_rejected(repository: Path, reference: str) -> None:
    with pytest.raises(UserError) as error:
        worktree.commit(repository, reference)
    assert str(error.value) == (
        f"--base {reference!r}: not a commit in this repository."
        " Give a branch, a tag or a hash that was fetched, such as main."
    )
