"""The issues of the nightly run, with a fake `gh`."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.workflows import Runner, evaluated, jobs, step

RUN = "https://github.com/o/mrgnl-infra/actions/runs/1"
JOBS = "gh run view 1 --json jobs"
ISSUES = "gh issue list --state open --limit 1000 --json number,title,author"
UNLISTED = "drift: the nightly run found no stack file"


def title(stack: str) -> str:
    return f"drift: the nightly run of {stack} failed"


def reported(
    runner: Runner,
    results: dict[str, str],
    issues: dict[str, int],
    *,
    stacks: str = '["dev", "prod"]',
    bot: bool = True,
) -> list[str]:
    """The requests that change an issue, where the jobs of the run have these results and these issues are open."""
    listed = [{"number": number, "title": each, "author": {"is_bot": bot}} for each, number in issues.items()]
    found = [
        {"name": f"drift ({each})", "conclusion": result, "url": f"{RUN}/{each}"} for each, result in results.items()
    ]
    (runner.folder / "issues").write_text(json.dumps(listed))
    (runner.folder / "jobs").write_text(json.dumps({"jobs": [{"name": "stacks", "conclusion": "success"}, *found]}))
    gh = f"""case "$2" in view) /bin/cat "{runner.folder}/jobs";; list) /bin/cat "{runner.folder}/issues";; esac"""
    ran = replace(runner, environment={"STACKS": stacks}).module("tools.ci.drift", gh=gh)
    assert (ran.code, ran.called[:2]) == (0, [JOBS, ISSUES]), runner.read("log")
    return ran.called[2:]


def opened(stack: str, link: str) -> str:
    return (
        f"gh issue create --title {title(stack)} --body {stack} differs from the program, or could not be read. {link}"
    )


@pytest.mark.parametrize("result", ["failure", "cancelled", "timed_out", ""])
def test_a_stack_whose_run_did_not_succeed_has_an_issue_with_its_name_and_its_job(runner: Runner, result: str) -> None:
    assert reported(runner, {"dev": "success", "prod": result}, {}) == [opened("prod", f"{RUN}/prod")]


def test_a_stack_that_no_job_compared_has_an_issue_with_the_run(runner: Runner) -> None:
    assert reported(runner, {"dev": "success"}, {}) == [opened("prod", RUN)]


def test_a_second_bad_night_writes_nothing(runner: Runner) -> None:
    assert reported(runner, {"dev": "success", "prod": "failure"}, {title("prod"): 7}) == []


def test_a_good_night_closes_the_issue_of_its_stack_only(runner: Runner) -> None:
    issues = {title("dev"): 6, title("prod"): 7, "drift": 8}
    done = reported(runner, {"dev": "success", "prod": "failure"}, issues)
    assert done == [f"gh issue close 6 --comment This run passed: {RUN}/dev"]


def test_a_good_night_without_an_issue_writes_nothing(runner: Runner) -> None:
    assert reported(runner, {"dev": "success", "prod": "success"}, {}) == []


def test_an_issue_that_a_person_opened_is_left_alone(runner: Runner) -> None:
    assert reported(runner, {"dev": "success", "prod": "success"}, {title("dev"): 6}, bot=False) == []


def test_a_night_that_lists_no_stacks_has_an_issue_of_its_own_until_the_next(runner: Runner) -> None:
    body = f"No stack was compared with AWS. {RUN}"
    assert reported(runner, {}, {}, stacks="") == [f"gh issue create --title {UNLISTED} --body {body}"]
    (runner.folder / "called").unlink()
    good = {"dev": "success", "prod": "success"}
    assert reported(runner, good, {UNLISTED: 9}) == [f"gh issue close 9 --comment This run passed: {RUN}"]


def test_a_failure_of_gh_fails_the_job_and_writes_nothing(runner: Runner) -> None:
    given = replace(runner, environment={"STACKS": '["dev"]'})
    ran = given.module("tools.ci.drift", gh="echo 'HTTP 403' >&2; exit 1")
    assert (ran.code, ran.called, runner.read("log")) == (1, [JOBS], "gh run view: HTTP 403\n")


def test_the_job_of_a_stack_has_the_name_that_its_result_is_looked_up_by() -> None:
    assert evaluated(jobs("drift")["drift"]["name"], matrix={"stack": "dev"}) == "drift (dev)"
    assert step("drift", "report", "Open or close the issues")["run"] == "python3 -m tools.ci.drift"
