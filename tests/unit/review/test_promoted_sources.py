"""The source commits between two promoted images."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from review.changes.stack import Changes, Source
from review.promoted_sources import LONGEST, with_commits
from review.render.markdown import page

PROD = Changes(stack="prod", sources=(Source(service="mcp"),))


def pinned(commit: str) -> str:
    return f"    images:\n      mcp: 0.dkr.ecr.x/mrgnl-mcp@sha256:{'a' * 64} # promoted from dev, commit {commit}\n"


@pytest.fixture
def commits(tmp_path: Path) -> list[str]:
    """Twelve commits of ../mrgnl-mcp, the oldest first."""
    git = shutil.which("git")
    assert git
    repository = tmp_path / "mrgnl-mcp"
    repository.mkdir()

    def run(*arguments: str) -> str:
        identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        found = subprocess.run([git, *identity, *arguments], cwd=repository, check=True, capture_output=True, text=True)
        return found.stdout.strip()

    run("init", "--quiet")
    found: list[str] = []
    for number in range(12):
        run("commit", "--quiet", "--allow-empty", "-m", f"change {number}")
        found.append(run("rev-parse", "HEAD"))
    return found


def test_the_commits_between_two_recorded_ones_are_listed(tmp_path: Path, commits: list[str]) -> None:
    [source] = with_commits(PROD, pinned(commits[8]), pinned(commits[10]), tmp_path).sources
    assert source.commits
    assert [each.split(" ", 1)[1] for each in source.commits] == ["change 10", "change 9"]


def test_a_long_log_is_cut(tmp_path: Path, commits: list[str]) -> None:
    [source] = with_commits(PROD, pinned(commits[0]), pinned(commits[11]), tmp_path).sources
    assert source.commits
    assert (len(source.commits), source.commits[-1]) == (LONGEST + 1, "and 1 more")


@pytest.mark.parametrize("before", ["", pinned("0123456"), pinned("--output=x")])
def test_without_a_former_commit_in_the_repository_there_is_no_log(
    tmp_path: Path, commits: list[str], before: str
) -> None:
    [source] = with_commits(PROD, before, pinned(commits[1]), tmp_path).sources
    assert (source.after, source.commits) == (commits[1], None)


def test_without_the_repository_the_page_has_both_commits(tmp_path: Path) -> None:
    changes = with_commits(PROD, pinned("0123456"), pinned("1234567"), tmp_path)
    assert changes.sources == (Source(service="mcp", before="0123456", after="1234567"),)
    assert "- mcp: `0123456` → `1234567`; ../mrgnl-mcp does not have both" in page([changes])
    assert "- mcp: not recorded → `1234567`\n" in page([with_commits(PROD, "", pinned("1234567"), tmp_path)])


def test_a_new_image_without_a_recorded_commit_is_a_warning(tmp_path: Path) -> None:
    changes = with_commits(PROD, pinned("0123456"), "", tmp_path)
    assert [(each.severity, each.topic, each.text) for each in changes.concerns] == [
        (
            "warning",
            "source",
            "mcp: no commit is recorded from which the new image was built, so nobody can review the source",
        )
    ]
    assert with_commits(PROD, "", pinned("0123456"), tmp_path).concerns == ()
