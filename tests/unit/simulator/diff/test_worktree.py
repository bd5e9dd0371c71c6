from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.diff import worktree
from simulator.errors import SimulatorError

STACK = 'config: {"marginalia:stack": {build: {context: "../mrgnl-{service}"}}}'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of one file, and folders beside the checkout."""
    root = tmp_path / "mrgnl-infra"
    root.mkdir()
    for name in ("mrgnl-authsvc", "other"):
        (tmp_path / name).mkdir()
    git(root, "init", "--quiet")
    for content in ("one", "two"):
        (root / "file").write_text(content)
        (root / "Pulumi.dev.yaml").write_text(STACK)
        git(root, "add", ".")
        git(root, "-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "--quiet", "-m", content)
    return root


def git(root: Path, *arguments: str) -> str:
    program = shutil.which("git")
    assert program
    return subprocess.run([program, "-C", str(root), *arguments], check=True, capture_output=True, text=True).stdout


def test_the_other_commit_lies_in_a_folder_of_its_own_and_leaves_nothing_behind(repository: Path) -> None:
    (repository / "file").write_text("not committed")
    before = git(repository, "status", "--porcelain")
    with worktree.checked_out(repository, worktree.commit(repository, "HEAD~1")) as base:
        assert (base / "file").read_text() == "one"
        assert (repository / "file").read_text() == "not committed"
    assert not base.parent.exists()
    assert git(repository, "status", "--porcelain") == before
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_an_interruption_leaves_nothing_behind(repository: Path) -> None:
    with pytest.raises(KeyboardInterrupt), worktree.checked_out(repository, "HEAD") as base:
        raise KeyboardInterrupt
    assert not base.parent.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_a_build_context_beside_the_checkout_is_beside_the_other_commit_and_stays(repository: Path) -> None:
    source = repository.parent / "mrgnl-authsvc"
    with worktree.checked_out(repository, "HEAD") as base:
        assert sorted(each.name for each in base.parent.iterdir()) == ["mrgnl-authsvc", "mrgnl-infra"]
        assert (base / ".." / "mrgnl-authsvc").resolve() == source
    assert source.exists()


@pytest.mark.parametrize("reference", ["nothing", "--all", "HEAD:file"])
def test_what_names_no_commit_is_refused(repository: Path, reference: str) -> None:
    with pytest.raises(SimulatorError) as refused:
        worktree.commit(repository, reference)
    assert str(refused.value) == (
        f"--base {reference!r}: no commit of this repository; a branch, a tag or a hash that was fetched, such as main"
    )
