"""The pull request of a promotion, with fake versions of `gh` and `git`."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace

import pytest

from tests.declared import ROOT
from tests.workflows import Ran, Runner

SAME, DIFFERS = "", '[ "$1" != status ] || echo " M Pulumi.prod.yaml"'
"""The body of a `git` that finds Pulumi.prod.yaml as committed, and of one that finds it changed."""
FORBIDDEN = "gh: GitHub Actions is not permitted to create or approve pull requests. (HTTP 403)"
PERMITTED = "gh: Validation Failed (HTTP 422)"


def check(runner: Runner, answer: str) -> int:
    """The exit code of `check`, where GitHub refuses with this answer."""
    ran = runner.module("tools.ci.promotion", "check", gh=f'echo "{answer}" >&2; exit 1')
    [request] = ran.called
    assert request.startswith("gh api --silent --method POST repos/o/mrgnl-infra/pulls ")
    assert " -f head=main -f base=main " in request
    return ran.code


def test_a_token_that_may_open_pull_requests_passes(runner: Runner) -> None:
    assert check(runner, PERMITTED) == 0


def test_a_token_that_may_not_open_pull_requests_is_told_the_setting(runner: Runner) -> None:
    assert check(runner, FORBIDDEN) == 1
    assert "gh api --method PUT repos/o/mrgnl-infra/actions/permissions/workflow" in runner.read("log")
    assert "can_approve_pull_request_reviews=true" in runner.read("log")


def test_another_refusal_fails_with_the_words_of_github(runner: Runner) -> None:
    assert check(runner, "gh: Bad credentials (HTTP 401)") == 1
    assert runner.read("log") == "gh api --silent: gh: Bad credentials (HTTP 401)\n"


TESTED = {
    "IMAGES": '{"mcp":"r/mrgnl-mcp@sha256:2","authsvc":"r/mrgnl-authsvc@sha256:1"}',
    "COMMITS": '{"mcp":"1a2b3c4d5e6f"}',
    "TESTED": "2026-11-27T09:30Z",
}


def publish(runner: Runner, *, git: str, gh: str) -> Ran:
    return replace(runner, environment=TESTED).module("tools.ci.promotion", "publish", git=git, gh=gh)


def listing(number: str = "") -> str:
    return f'[ "$2" != list ] || printf "{number}"'


def changes(ran: Ran) -> list[str]:
    """The commands that change a pull request, without what they write."""
    return [each.partition(" -f ")[0] for each in ran.called if each.startswith("gh ") and " list " not in each]


PUSH = "git push --force origin promotion"
SETUP = "gh auth setup-git"
PULLS = "repos/o/mrgnl-infra/pulls"


def test_digests_that_differ_open_a_pull_request(runner: Runner) -> None:
    ran = publish(runner, git=DIFFERS, gh=listing())
    assert (ran.code, changes(ran)) == (0, [SETUP, f"gh api --silent --method POST {PULLS}"])
    assert PUSH in ran.called


def test_an_open_pull_request_is_updated_with_the_commit_and_the_run_of_its_branch(runner: Runner) -> None:
    ran = publish(runner, git=DIFFERS, gh=listing("7"))
    assert (ran.code, changes(ran)) == (0, [SETUP, f"gh api --silent --method PATCH {PULLS}/7"])
    assert runner.read("called").partition(f"{PUSH}\n")[2].partition(" -f body=")[2].splitlines() == [
        "dev passed its smoke test at abc on 2026-11-27T09:30Z, in"
        " [this run](https://github.com/o/mrgnl-infra/actions/runs/1). It ran:",
        "",
        "| service | image | commit of its source |",
        "|---|---|---|",
        "| authsvc | `sha256:1` | not recorded |",
        "| mcp | `sha256:2` | 1a2b3c4d5e6f |",
        "",
        "Merging this starts the deployment of prod, which waits for approval.",
    ]


def test_only_the_stack_file_is_committed(runner: Runner) -> None:
    [commit] = [
        each
        for each in publish(runner, git=DIFFERS, gh=listing()).called
        if each.startswith("git ") and " commit " in each
    ]
    assert commit.endswith(" -- Pulumi.prod.yaml")


def test_a_pull_request_without_a_difference_is_closed_and_its_branch_deleted(runner: Runner) -> None:
    ran = publish(runner, git=SAME, gh=listing("7"))
    assert (ran.code, len(changes(ran))) == (0, 1)
    assert ran.called[-1].startswith("gh pr close 7 --delete-branch ")


def test_no_difference_and_no_pull_request_changes_nothing(runner: Runner) -> None:
    ran = publish(runner, git=SAME, gh=listing())
    assert (ran.code, changes(ran), [each for each in ran.called if "push" in each]) == (0, [], [])


def test_a_pull_request_of_a_fork_is_left_alone(runner: Runner) -> None:
    ran = publish(runner, git=SAME, gh=listing())
    [listed] = [each for each in ran.called if each.startswith("gh pr list")]
    assert listed.endswith("--json number,isCrossRepository --jq .[] | select(.isCrossRepository == false) | .number")


@pytest.mark.parametrize(("fails", "git"), [("gh", DIFFERS), ("git", '[ "$1" != status ]')])
def test_a_failure_to_read_pushes_nothing(runner: Runner, fails: str, git: str) -> None:
    gh = '[ "$2" != list ] || exit 4' if fails == "gh" else listing()
    ran = publish(runner, git=git, gh=gh)
    assert (ran.code, PUSH in ran.called, changes(ran)) == (1, False, [])


def test_a_pull_request_that_is_refused_after_the_push_is_told_the_setting(runner: Runner) -> None:
    gh = f'[ "$2" = list ] || [ "$1" = auth ] || {{ echo "{FORBIDDEN}" >&2; exit 1; }}'
    assert publish(runner, git=DIFFERS, gh=gh).code == 1
    assert "can_approve_pull_request_reviews=true" in runner.read("log")


@pytest.mark.parametrize(
    "file", ["tools/smoke.py", "tools/ci/command.py", "tools/ci/drift.py", "tools/ci/promotion.py"]
)
def test_a_script_that_runs_without_packages_imports_only_the_standard_library(file: str) -> None:
    nodes = list(ast.walk(ast.parse((ROOT / file).read_text())))
    names = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    names += [node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {each.partition(".")[0] for each in names} - sys.stdlib_module_names <= {"tools"}
