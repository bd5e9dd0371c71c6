"""Runs the scripts of the deploy workflow with fake versions of the tools that they call."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.declared import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "deploy.yml"
SMOKE = "Smoke test, once prod runs a service"
PULL_REQUEST = "Open, update or close the pull request"
SAME, DIFFERS = "exit 0", '[ "$1" != diff ]'
"""The body of a `git` that finds Pulumi.prod.yaml as committed, and of one that finds it changed."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    code: int
    called: list[str]


@dataclass(frozen=True, kw_only=True)
class Runner:
    folder: Path

    def run(self, job: str, step: str, **tools: str) -> Ran:
        """Runs a step as GitHub does, with only these tools: the body of a shell script for each."""
        for name, body in tools.items():
            tool = self.folder / name
            tool.write_text(f'#!/bin/sh\necho "{name} $*" >> "{self.folder}/called"\n{body}\n')
            tool.chmod(0o755)
        [script] = [each["run"] for each in _steps(job) if each.get("name") == step]
        bash = shutil.which("bash")
        assert bash is not None
        done = subprocess.run(
            [bash, "--noprofile", "--norc", "-e", "-c", script],
            env={"PATH": str(self.folder), "GITHUB_SHA": "abc", "GITHUB_OUTPUT": str(self.folder / "output")},
            capture_output=True,
            check=False,
        )
        called = self.folder / "called"
        return Ran(code=done.returncode, called=called.read_text().splitlines() if called.exists() else [])


def _steps(job: str) -> list[dict[str, str]]:
    return yaml.safe_load(WORKFLOW.read_text())["jobs"][job]["steps"]


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(folder=tmp_path)


IMAGES = "pulumi stack output images --json --stack prod"
URL = "pulumi stack output url --stack prod"


def test_the_smoke_test_skips_prod_before_its_first_promotion(runner: Runner) -> None:
    ran = runner.run("prod", SMOKE, pulumi="echo '{}'", python3="")
    assert ran == Ran(code=0, called=[IMAGES])


def test_the_smoke_test_runs_once_prod_runs_a_service(runner: Runner) -> None:
    pulumi = """[ "$3" = url ] && echo https://it || printf '{\n  "mcp": "a@sha256:1"\n}\n'"""
    ran = runner.run("prod", SMOKE, pulumi=pulumi, python3="")
    assert ran == Ran(code=0, called=[IMAGES, URL, "python3 tools/smoke.py https://it --hold 65"])


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_a_stack_without_a_url_fails_the_job(runner: Runner, job: str) -> None:
    step = "Smoke test" if job == "dev" else SMOKE
    ran = runner.run(job, step, pulumi='[ "$3" = images ]', python3="")
    assert (ran.code, [each for each in ran.called if each.startswith("python3")]) == (1, [])


@pytest.mark.parametrize(
    ("job", "step"),
    [("dev", "Record the images that the smoke test tries"), ("promotion", "Record the images that dev runs now")],
)
def test_the_images_of_dev_are_recorded_in_one_line(runner: Runner, job: str, step: str) -> None:
    ran = runner.run(job, step, pulumi="""printf '{\n  "authsvc": "a@sha256:1",\n  "mcp": "b@sha256:2"\n}\n'""")
    assert ran == Ran(code=0, called=["pulumi stack output images --json --stack dev"])
    assert (runner.folder / "output").read_text() == 'images={"authsvc":"a@sha256:1","mcp":"b@sha256:2"}\n'


def test_a_promotion_requires_that_dev_still_runs_the_tested_images() -> None:
    [step] = [each for each in _steps("promotion") if each.get("name") == PULL_REQUEST]
    assert step["if"] == "steps.now.outputs.images == needs.dev.outputs.images"


def _gh(number: str = "") -> str:
    return f'[ "$2" != list ] || printf "{number}"'


def _pull_requests(ran: Ran) -> list[str]:
    """The commands that change a pull request."""
    return [" ".join(each.split()[:4]) for each in ran.called if each.startswith("gh pr") and " list " not in each]


def test_digests_that_differ_open_a_pull_request(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=DIFFERS, gh=_gh())
    assert (ran.code, _pull_requests(ran)) == (0, ["gh pr create --head"])
    assert "git push --force origin promotion" in ran.called


def test_an_open_pull_request_is_updated(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=DIFFERS, gh=_gh("7"))
    assert (ran.code, _pull_requests(ran)) == (0, [])
    assert "git push --force origin promotion" in ran.called


def test_a_pull_request_without_a_difference_is_closed_and_its_branch_deleted(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=SAME, gh=_gh("7"))
    assert (ran.code, _pull_requests(ran)) == (0, ["gh pr close 7"])
    assert " --delete-branch " in ran.called[-1]


def test_no_difference_and_no_pull_request_changes_nothing(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=SAME, gh=_gh())
    assert (ran.code, _pull_requests(ran)) == (0, [])
    assert not [each for each in ran.called if "push" in each]


def test_a_pull_request_of_a_fork_is_left_alone(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=SAME, gh=_gh())
    [listed] = [each for each in ran.called if each.startswith("gh pr list")]
    assert listed.endswith("--json number,isCrossRepository --jq .[] | select(.isCrossRepository == false) | .number")


def test_a_failure_to_list_pull_requests_fails_the_job(runner: Runner) -> None:
    ran = runner.run("promotion", PULL_REQUEST, git=DIFFERS, gh='[ "$2" != list ] || exit 4')
    assert (ran.code, [each for each in ran.called if each.startswith("git push")]) == (4, [])
