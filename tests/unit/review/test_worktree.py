from __future__ import annotations

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.problems import UserError
from review.worktree import Copy, Repository, copied
from tests.git import commit_all, git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with a commit of files of several kinds."""
    root = tmp_path / "mrgnl-infra"
    write(root, "file", "one")
    write(root, "folder/other", "other")
    write(root, "script", "#!/bin/sh")
    (root / "script").chmod(0o755)
    (root / "link").symlink_to("folder/other")
    commit_all(root)
    return root


def write(root: Path, name: str, content: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(content)


@contextmanager
def both(root: Path, commit: str = "HEAD") -> Generator[tuple[Copy, Copy]]:
    repository = Repository.of(root)
    with copied(repository, git(root, "rev-parse", commit).strip()) as base, copied(repository) as head:
        yield base, head


def content(copy: Copy) -> dict[str, tuple[str, str]]:
    """The mode, and the content or the target, of everything in the copy that is no folder."""
    return {
        str(path.relative_to(copy.root)): (
            f"{path.lstat().st_mode:o}",
            str(path.readlink()) if path.is_symlink() else path.read_text(),
        )
        for path in copy.root.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }


def stored(root: Path) -> dict[str, bytes]:
    """Everything in the folder, that of git as well."""
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_nothing_edited_is_nothing_changed(root: Path) -> None:
    with both(root) as (base, head):
        assert content(base) == content(head)
        assert sorted(content(head)) == ["file", "folder/other", "link", "script"]
    assert not base.folder.exists()
    assert not head.folder.exists()


def test_the_repository_and_the_working_tree_are_not_changed(root: Path) -> None:
    write(root, "file", "not committed")
    os.utime(root / "script", (0, 0))  # `git status` would refresh the index
    before = stored(root)
    with both(root) as (base, head):
        assert (base.root / "file").read_text() == "one"
        assert (head.root / "file").read_text() == "not committed"
        assert stored(root) == before
    assert stored(root) == before


def test_an_interruption_removes_the_copies(root: Path) -> None:
    with pytest.raises(KeyboardInterrupt), both(root) as (base, head):
        raise KeyboardInterrupt
    assert not base.folder.exists()
    assert not head.folder.exists()


def test_the_umask_is_no_change(root: Path) -> None:
    for name, mode in (("file", 0o600), ("folder/other", 0o664), ("script", 0o700)):
        (root / name).chmod(mode)
    write(root, "file", "two")
    (root / "file").chmod(0o600)
    with both(root) as (base, head):
        modes = {name: mode for name, (mode, _) in content(head).items()}
        assert modes == {"file": "100644", "folder/other": "100644", "link": "120777", "script": "100755"}
        assert {name: mode for name, (mode, _) in content(base).items()} == modes


def test_an_execute_bit_is_a_change(root: Path) -> None:
    (root / "script").chmod(0o644)
    with both(root) as (base, head):
        assert (content(base)["script"][0], content(head)["script"][0]) == ("100755", "100644")


@pytest.mark.parametrize(
    ("key", "value"),
    [("core.autocrlf", "true"), ("core.fileMode", "false"), ("diff.relative", "true"), ("diff.noprefix", "true")],
)
def test_a_setting_of_the_user_is_no_change(root: Path, key: str, value: str) -> None:
    git(root, "config", key, value)
    (root / "folder" / "other").chmod(0o777 if key == "core.fileMode" else 0o644)
    with both(root) as (base, head):
        assert content(base) == content(head)


def test_an_attribute_that_the_checkout_was_older_than_is_no_change(root: Path) -> None:
    write(root, "folder/other", "one\ntwo\n")
    write(root, ".gitattributes", "* text eol=crlf\n")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "attributes")
    with both(root) as (base, head):
        assert content(base) == content(head)


def test_a_file_that_a_sparse_checkout_leaves_out_is_in_neither_copy(root: Path) -> None:
    write(root, "folder/other", "edited")
    git(root, "commit", "--quiet", "--all", "--message", "second")
    git(root, "sparse-checkout", "set", "--no-cone", "/*", "!folder")
    with both(root, "HEAD~1") as (base, head):
        assert content(base) == content(head)
        assert "folder/other" not in content(head)


def test_a_deleted_folder_that_is_not_staged_is_deleted(root: Path) -> None:
    (root / "folder" / "other").unlink()
    (root / "folder").rmdir()
    with both(root) as (base, head):
        assert (base.root / "folder" / "other").read_text() == "other"
        assert not (head.root / "folder").exists()


def test_a_folder_that_a_link_replaced_is_deleted(root: Path, tmp_path: Path) -> None:
    (root / "folder").rename(tmp_path / "elsewhere")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    with both(root) as (base, head):
        assert content(base)["folder/other"][1] == "other"
        assert content(head)["folder"][1] == str(tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere" / "other").read_text() == "other"


def test_the_copy_has_new_files_and_not_the_ignored_ones(root: Path) -> None:
    write(root, ".gitignore", "ignored\n")
    for name in ("ignored", "folder/ünew", "with\nnewline", "with\rreturn", os.fsdecode(b"latin-\xfc")):
        write(root, name, name.encode(errors="surrogateescape").hex())
    with both(root) as (base, head):
        new = sorted(set(content(head)) - set(content(base)))
        assert new == sorted([".gitignore", "folder/ünew", "with\nnewline", "with\rreturn", os.fsdecode(b"latin-\xfc")])


def test_a_changed_file_whose_name_is_no_text_is_compared(root: Path) -> None:
    name = os.fsdecode(b"latin-\xfc")
    write(root, name, "one")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "name")
    write(root, name, "two")
    with both(root) as (base, head):
        assert (content(base)[name][1], content(head)[name][1]) == ("one", "two")


def test_a_link_leads_where_the_original_leads(root: Path, tmp_path: Path) -> None:
    write(root, ".gitignore", "ignored\n")
    write(root, "ignored", "")
    write(tmp_path, "outside", "")
    targets = {
        "inside": "folder/other",
        "absolute": str(root / "file"),
        "out": "../outside",
        "to-ignored": "ignored",
        "dangling": "nowhere",
        "out-and-dangling": "../nowhere",
        "itself": "itself",
    }
    for name, target in targets.items():
        (root / name).symlink_to(target)
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "links")
    with both(root) as copies:
        for copy in copies:
            found = {name: str((copy.root / name).readlink()) for name in targets}
            assert found == {
                **targets,
                "absolute": str(copy.root / "file"),
                "out": str(tmp_path / "outside"),
                "to-ignored": str(root / "ignored"),
            }


def test_what_is_neither_a_file_nor_a_link_is_left_out(root: Path) -> None:
    os.mkfifo(root / "fifo")
    (root / "file").unlink()
    os.mkfifo(root / "file")
    (root / "empty").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "socket"))
        with both(root) as (base, head):
            assert sorted(content(head)) == ["folder/other", "link", "script"]
            assert sorted(content(base)) == ["file", "folder/other", "link", "script"]


def test_an_unreadable_file_is_as_unreadable_in_the_copy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr("shutil.copyfile", refuse)  # root reads every file
    with copied(Repository.of(root)) as head:
        assert content(head)["file"] == ("100000", "")


def test_a_file_that_cannot_be_copied_is_one_message(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device", str(root / "file"))

    monkeypatch.setattr("shutil.copyfile", refuse)
    with pytest.raises(UserError) as error, copied(Repository.of(root)):
        pass
    assert str(error.value) == f"{root / 'file'}: cannot be copied (No space left on device)."


def test_a_folder_of_a_bigger_repository_is_compared_with_the_same_folder(root: Path) -> None:
    write(root, "deploy/infra/file", "infra")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "deeper")
    write(root, "deploy/infra/file", "edited")
    with both(root / "deploy" / "infra") as (base, head):
        assert (content(base), content(head)) == (
            {"file": ("100644", "infra")},
            {"file": ("100644", "edited")},
        )
    with both(root / "deploy" / "infra", "HEAD~1") as (base, head):
        assert (content(base), base.notes) == ({}, ["The base has no file in deploy/infra: every resource is new."])


def test_a_folder_that_git_ignores_is_one_message(root: Path) -> None:
    write(root, ".gitignore", "infra\n")
    write(root, "infra/file", "")
    with pytest.raises(UserError) as error, copied(Repository.of(root / "infra")):
        pass
    assert str(error.value) == f"{root / 'infra'}: git lists no file of this folder. Is it ignored? Add it to git."


def test_a_checkout_that_is_reached_through_a_link_is_the_one_that_it_leads_to(root: Path, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(root / "folder")
    assert Repository.of(tmp_path / "shortcut") == Repository(top=root, prefix="folder")


def test_a_linked_worktree_is_a_checkout(root: Path, tmp_path: Path) -> None:
    git(root, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    write(tmp_path / "linked", "file", "edited")
    with both(tmp_path / "linked") as (base, head):
        assert (content(base)["file"][1], content(head)["file"][1]) == ("one", "edited")


def test_a_folder_outside_a_repository_is_refused_in_the_words_of_git(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^git rev-parse failed \(fatal: not a git repository"):
        Repository.of(tmp_path)
