"""The table has the verdicts of the Go modules that pulumi-docker uses; its `source` says how they were computed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from image import dockerignore

TABLE: dict[str, Any] = json.loads(Path(__file__).with_name("dockerignore.json").read_text())


def context_with(folder: Path, files: Iterable[str]) -> Path:
    for path in files:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return folder


def ignored(folder: Path, ignore_file: str, context: Path) -> list[str] | None:
    """The ignored files, sorted; None if a pattern is invalid."""
    file = folder / "ignore"
    file.write_bytes(ignore_file.encode())
    try:
        patterns = dockerignore.read(file)
    except dockerignore.PatternError:
        return None
    sent = {path for path, _ in dockerignore.files(context, patterns)}
    return sorted({str(file.relative_to(context)) for file in context.rglob("*") if file.is_file()} - sent)


@pytest.mark.parametrize(("pattern", "path", "verdict"), TABLE["moby"])
def test_a_path_is_ignored_if_mobys_own_tests_say_so(
    tmp_path: Path, pattern: str, path: str, verdict: bool | None
) -> None:
    context = context_with(tmp_path / "context", [path])
    assert ignored(tmp_path, pattern, context) == (None if verdict is None else [path] if verdict else [])


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return context_with(tmp_path_factory.mktemp("context"), TABLE["files"])


@pytest.mark.parametrize(("patterns", "left_out"), TABLE["ours"])
def test_an_ignore_file_leaves_out_what_the_provider_leaves_out(
    tmp_path: Path, context: Path, patterns: str, left_out: list[str] | None
) -> None:
    assert ignored(tmp_path, patterns, context) == (None if left_out is None else sorted(left_out))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("docs[", r"'docs[': a bracket or a backslash without its other half. Write `\[` for a bracket."),
        # Go does not check what follows a star, and then matches something else.
        ("x*\\", r"'x*\\': a bracket or a backslash without its other half. Write `\[` for a bracket."),
        ("docs\\keep", r"'docs\\keep': \k is not an escape. Write k."),
        ("*\n! ", "'!': an exception without a path. Write the path after it."),
        # moby knows these. Nobody writes them.
        ("[[:alpha:]]", r"'[[:alpha:]]': POSIX class. Write `\[` for a bracket."),
    ],
)
def test_the_error_of_an_invalid_pattern_says_how_to_write_it(tmp_path: Path, pattern: str, message: str) -> None:
    file = tmp_path / "ignore"
    file.write_text(pattern)
    with pytest.raises(dockerignore.PatternError) as error:
        dockerignore.read(file)
    assert str(error.value) == message


def test_a_file_name_that_is_not_utf_8_is_matched(tmp_path: Path) -> None:
    context = context_with(tmp_path / "context", [os.fsdecode(b"caf\xe9.md"), os.fsdecode(b"caf\xe9.go")])
    assert ignored(tmp_path, "caf?.md", context) == [os.fsdecode(b"caf\xe9.md")]


def test_a_link_to_a_folder_is_one_entry(tmp_path: Path) -> None:
    context = context_with(tmp_path / "context", ["docs/a.md"])
    (context / "link").symlink_to("docs")
    assert sorted(path for path, _ in dockerignore.files(context, [])) == ["docs", "docs/a.md", "link"]
