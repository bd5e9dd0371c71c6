from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import UserError
from review.merge_base import base
from tests.git import git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two branches with a common commit: `topic`, which is checked out, and `main`, which is one commit ahead."""
    root = tmp_path / "mrgnl-infra"
    root.mkdir()
    git(root, "init", "--quiet", "--initial-branch", "main")
    commit(root, "common")
    git(root, "branch", "topic")
    commit(root, "in main")
    git(root, "switch", "--quiet", "topic")
    return root


def commit(root: Path, name: str) -> None:
    (root / name).write_text(name)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", name)


def hash_of(root: Path, name: str) -> str:
    return git(root, "rev-parse", name).strip()


def test_a_branch_behind_its_base_is_compared_with_the_merge_base(root: Path) -> None:
    found, common = base(root, "main"), hash_of(root, "topic")
    assert found.commit == common
    assert found.title == f"main ({common[:7]})"
    assert found.notes == (f"main is 1 commit ahead: the base is the merge base, {common[:7]}.",)


@pytest.mark.parametrize("reference", ["HEAD", "topic~1", ":/common", "HEAD@{0}"])
def test_a_commit_of_the_branch_itself_is_the_base(root: Path, reference: str) -> None:
    commit(root, "in topic")
    found = base(root, reference)
    assert (found.commit, found.notes) == (hash_of(root, reference), ())


def test_a_detached_head_is_compared_as_a_branch_is(root: Path) -> None:
    git(root, "switch", "--quiet", "--detach")
    assert base(root, "main").commit == hash_of(root, "topic")


def test_what_is_being_merged_is_no_change_of_the_branch(root: Path) -> None:
    commit(root, "in topic")
    git(root, "merge", "--quiet", "--no-commit", "main")
    found = base(root, "main")
    assert (found.commit, found.notes) == (hash_of(root, "main"), ())


def test_a_branch_without_a_commit_is_compared_with_the_reference_itself(root: Path) -> None:
    git(root, "switch", "--quiet", "--orphan", "unborn")
    found = base(root, "main")
    assert found.commit == hash_of(root, "main")
    assert found.notes == ("This branch has no commit yet: the base is main itself.",)


def test_an_unrelated_branch_is_compared_with_the_reference_itself(root: Path) -> None:
    git(root, "switch", "--quiet", "--orphan", "unrelated")
    commit(root, "unrelated")
    found = base(root, "main")
    assert found.commit == hash_of(root, "main")
    assert found.notes == (
        "main and HEAD have no common commit. The base is main itself: a change that only it has is shown as undone.",
    )


def test_a_shallow_clone_without_a_merge_base_names_the_command_that_fetches_it(root: Path, tmp_path: Path) -> None:
    commit(root, "in topic")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{root}", "shallow")
    found = base(tmp_path / "shallow", "origin/main")
    assert found.commit == hash_of(root, "main")
    assert found.notes == (
        "origin/main and HEAD have no common commit in this shallow clone; run git fetch --unshallow."
        " The base is origin/main itself: a change that only it has is shown as undone.",
    )


def test_a_bare_name_is_that_of_the_only_remote_branch(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(root), "clone")
    clone = tmp_path / "clone"
    assert base(clone, "main").title.startswith("origin/main (")
    git(clone, "remote", "add", "other", str(root))
    git(clone, "fetch", "--quiet", "other")
    with pytest.raises(UserError, match=r"^--base 'main': .* Several remotes have it: origin/main, other/main\."):
        base(clone, "main")


@pytest.mark.parametrize("reference", ["nothing", "--all", "HEAD:common", "", "a'b", "main..topic", "*", "^main"])
def test_a_reference_that_names_no_commit_is_rejected(root: Path, reference: str) -> None:
    with pytest.raises(UserError) as error:
        base(root, reference)
    assert str(error.value) == (
        f"--base {reference!r}: not a commit in this repository."
        " Give a branch, a tag or a hash that was fetched, such as main."
    )


def test_a_branch_whose_name_has_a_quote_is_a_base(root: Path) -> None:
    git(root, "branch", "it's")
    assert base(root, "it's").commit == hash_of(root, "topic")


def test_a_repository_of_another_user_is_refused_in_the_words_of_git(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.git.environment", lambda: {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1", "HOME": str(root)})
    with pytest.raises(UserError, match=r"^git rev-parse failed \(fatal: detected dubious ownership in repository at"):
        base(root, "main")
