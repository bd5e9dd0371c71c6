from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import UserError
from ops.git import has_changes
from tests.git import git


def test_a_file_has_changes_until_it_is_committed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text("config: {}")
    assert has_changes(path)
    git(tmp_path, "add", ".")
    assert has_changes(path)
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "Pulumi.dev.yaml").write_text("another file")
    assert not has_changes(path)
    path.write_text("changed")
    assert has_changes(path)


@pytest.mark.parametrize("key", ["status.showUntrackedFiles", "core.excludesFile"])
def test_a_new_file_has_changes_whatever_git_is_configured_to_show(tmp_path: Path, key: str) -> None:
    git(tmp_path, "init")
    (tmp_path / ".git" / "ignored").write_text("Pulumi.*.yaml\n")
    git(tmp_path, "config", key, "no" if key.startswith("status") else str(tmp_path / ".git" / "ignored"))
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text("config: {}")
    assert has_changes(path)


def test_a_folder_outside_a_repository_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UserError) as error:
        has_changes(tmp_path / "Pulumi.prod.yaml")
    assert str(error.value).startswith("Pulumi.prod.yaml: git status failed (fatal: not a git repository")


def test_a_missing_git_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"^Pulumi\.prod\.yaml: git is not on PATH\."):
        has_changes(tmp_path / "Pulumi.prod.yaml")
