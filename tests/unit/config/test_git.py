from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import git
from config.problems import UserError
from tests.git import commit_all

OF_A_HOOK = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_NAMESPACE",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "file").write_text("")
    commit_all(root)
    return root


@pytest.mark.parametrize("variable", OF_A_HOOK)
def test_a_variable_of_a_hook_does_not_reach_git(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    before = sorted(repository.rglob("*"))
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert git.run(repository, "ls-files").line == "file"
    git.run(repository, "read-tree", "HEAD")
    assert sorted(repository.rglob("*")) == before
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("variable", ["GIT_TRACE", "GIT_TRACE2_EVENT", "GIT_GLOB_PATHSPECS", "GIT_EXTERNAL_DIFF"])
def test_a_variable_that_changes_the_output_does_not_reach_git(
    repository: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    done = git.run(repository, "ls-files")
    assert (done.line, done.errors) == ("file", "")


@pytest.mark.parametrize("variable", sorted(git.KEPT))
def test_a_setting_of_the_user_reaches_git(variable: str) -> None:
    assert git.environment({variable: "x"})[variable] == "x"


def test_of_the_configuration_in_variables_only_the_trusted_folders_reach_git() -> None:
    pairs = [("core.worktree", "/elsewhere"), ("safe.directory", "/repository"), ("Safe.Directory", "*")]
    variables = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for index, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    kept = {name: value for name, value in git.environment(variables).items() if name.startswith("GIT_CONFIG")}
    assert kept == {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "/repository",
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
    }


def test_the_hooks_of_the_user_do_not_run(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git.run(repository, *git.IDENTITY, "commit", "--allow-empty", "--message", "second")
    assert git.run(repository, "rev-list", "--count", "HEAD").line == "2"


def test_a_message_is_in_english_whatever_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    with pytest.raises(UserError) as error:
        git.run(tmp_path, *git.IDENTITY, "status")
    assert str(error.value) == (
        "git status failed (fatal: not a git repository (or any of the parent directories): .git)."
    )


def test_a_name_that_is_no_text_is_shown_with_escapes() -> None:
    assert git.readable(os.fsdecode(b"latin-\xfc, utf-\xc3\xbc")) == r"latin-\xfc, utf-ü"


def test_git_that_is_missing_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"^git is not on PATH\. Install it\.$"):
        git.run(tmp_path, "status")
