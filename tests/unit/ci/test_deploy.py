"""The deploy workflow: which jobs an event runs, and their scripts with fake versions of the tools that they call."""

from __future__ import annotations

import json
import os
import re

import pytest
import yaml

from tests.declared import ROOT, STACKS
from tests.git import git
from tests.workflows import GITHUB, Ran, Runner, condition, evaluated, jobs, step
from tools.ci.stacks import select

JOBS = jobs("deploy")
SMOKE = "Smoke test, once prod runs a service"
IMAGES = "pulumi stack output images --json --stack prod"
URL = "pulumi stack output url --stack prod"


def run(runner: Runner, job: str, name: str, **tools: str) -> Ran:
    return runner.run(step("deploy", job, name)["run"], **tools)


def test_the_smoke_test_skips_prod_before_its_first_promotion(runner: Runner) -> None:
    ran = run(runner, "prod", SMOKE, pulumi="echo '{}'", python3="")
    assert ran == Ran(code=0, called=[IMAGES])


def test_the_smoke_test_runs_once_prod_runs_a_service(runner: Runner) -> None:
    pulumi = """[ "$3" = url ] && echo https://it || printf '{\n  "mcp": "a@sha256:1"\n}\n'"""
    ran = run(runner, "prod", SMOKE, pulumi=pulumi, python3="")
    assert ran == Ran(code=0, called=[IMAGES, URL, "python3 tools/smoke.py https://it --hold 65"])


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_a_stack_without_a_url_fails_the_job(runner: Runner, job: str) -> None:
    name = "Smoke test" if job == "dev" else SMOKE
    ran = run(runner, job, name, pulumi='[ "$3" = images ]', python3="")
    assert (ran.code, [each for each in ran.called if each.startswith("python3")]) == (1, [])


@pytest.mark.parametrize(
    ("job", "name"),
    [("dev", "Record the images that the smoke test tries"), ("promotion", "Record the images that dev runs now")],
)
def test_the_images_of_dev_are_recorded_in_one_line(runner: Runner, job: str, name: str) -> None:
    ran = run(runner, job, name, pulumi="""printf '{\n  "authsvc": "a@sha256:1",\n  "mcp": "b@sha256:2"\n}\n'""")
    assert ran == Ran(code=0, called=["pulumi stack output images --json --stack dev"])
    assert runner.read("output") == 'images={"authsvc":"a@sha256:1","mcp":"b@sha256:2"}\n'


def test_the_summary_has_the_images_that_the_smoke_test_tries(runner: Runner) -> None:
    images = '{\n  "mcp": "b@sha256:2"\n}'
    run(runner, "dev", "Record the images that the smoke test tries", pulumi=f"echo '{images}'")
    assert runner.read("summary") == f"\n```json\n{images}\n```\n"


def test_a_promotion_requires_that_dev_still_runs_the_tested_images() -> None:
    publish = step("deploy", "promotion", "Open, update or close the pull request")
    assert publish["if"] == "steps.now.outputs.images == needs.dev.outputs.images"


def test_a_promotion_checks_its_token_before_anything_is_tagged_or_pushed() -> None:
    [check, *_] = [each for each in JOBS["promotion"]["steps"] if "run" in each]
    assert check["run"] == "python3 -m tools.ci.promotion check"
    publish = step("deploy", "promotion", "Open, update or close the pull request")
    assert check["env"] == {"GH_TOKEN": publish["env"]["GH_TOKEN"]}


def test_a_promotion_says_what_was_tested_when_and_of_which_commits(runner: Runner) -> None:
    """The outputs of the job dev are the environment of the job promotion."""
    name = "Record what was tested, for the promotion"
    commits = """printf '{\n  "mcp": "1a2b3c4d5e6f"\n}\n'"""
    ran = run(runner, "dev", name, date="echo 2026-11-27T09:30Z", pulumi=commits)
    assert (ran.code, ran.called[-1]) == (0, "pulumi stack output commits --json --stack dev")
    assert runner.read("output") == 'at=2026-11-27T09:30Z\ncommits={"mcp":"1a2b3c4d5e6f"}\n'
    steps = {
        "tried": {"outputs": {"images": "IMAGES"}},
        "tested": {"outputs": {"commits": "COMMITS", "at": "TESTED"}},
    }
    outputs = {key: evaluated(value, steps=steps) for key, value in JOBS["dev"]["outputs"].items()}
    environment = step("deploy", "promotion", "Open, update or close the pull request")["env"]
    needs = {"dev": {"outputs": outputs}}
    assert {key: evaluated(value, needs=needs) for key, value in environment.items() if key != "GH_TOKEN"} == {
        "IMAGES": "IMAGES",
        "COMMITS": "COMMITS",
        "TESTED": "TESTED",
    }


def test_the_test_comes_before_its_record() -> None:
    """A promotion needs the job, so what failed its test is not recorded as tested."""
    names = [each.get("name", "") for each in JOBS["dev"]["steps"]]
    assert names.index("Smoke test") < names.index("Record what was tested, for the promotion")


@pytest.mark.parametrize(
    ("event", "stack", "changes", "expected"),
    [
        ("push", "", "true", {"dev", "promotion", "prod-plan", "prod"}),
        ("push", "", "false", {"dev", "promotion", "prod-plan"}),
        ("workflow_dispatch", "dev", "true", {"dev", "promotion"}),
        ("workflow_dispatch", "prod", "true", {"prod-plan", "prod"}),
        ("workflow_dispatch", "prod", "false", {"prod-plan", "prod"}),
        ("repository_dispatch", "", "true", {"dev", "promotion"}),
    ],
)
def test_an_event_runs_the_jobs_of_its_stacks(event: str, stack: str, changes: str, expected: set[str]) -> None:
    """Reviewers are asked only if prod would change or was chosen."""
    stacks, building = select(STACKS, event=event, only=stack)
    outputs = {
        "stacks": {"outputs": {"stacks": json.dumps(stacks), "building": json.dumps(building)}},
        "prod-plan": {"outputs": {"changes": changes}},
    }
    ran = {"stacks"}
    for name, job in JOBS.items():
        needs = [job.get("needs", [])] if isinstance(job.get("needs"), str) else job.get("needs", [])
        if (
            name != "stacks"
            and ran.issuperset(needs)
            and condition(job.get("if", "True"), needs=outputs, github={"event_name": event})
        ):
            ran.add(name)
    assert ran - {"stacks"} == expected


def test_running_dev_again_does_not_run_prod_again() -> None:
    """GitHub runs a job again with the jobs that need it, and with nothing else."""
    later = {"dev"}
    for name, job in JOBS.items():
        if later & set([job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])):
            later.add(name)
    assert later == {"dev", "promotion"}


def triggers() -> dict[str, dict[str, list[str]]]:
    return yaml.safe_load((GITHUB / "workflows" / "deploy.yml").read_text())[True]  # YAML 1.1 reads `on` as true


def is_ignored(path: str) -> bool:
    """As GitHub's filter patterns: `*` has no slash.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#filter-pattern-cheat-sheet
    """
    patterns = [
        re.escape(each).replace(r"\*\*", ".*").replace(r"\*", "[^/]*") for each in triggers()["push"]["paths-ignore"]
    ]
    return any(re.fullmatch(pattern, path) for pattern in patterns)


def test_a_change_of_documents_or_tests_only_deploys_nothing() -> None:
    files = git(ROOT, "ls-files", "docs", "tests", "README.md", "CONTRIBUTING.md").splitlines()
    assert [each for each in files if not is_ignored(each)] == []


def test_every_other_file_deploys_also_a_document_in_a_build_context() -> None:
    others = git(ROOT, "ls-files", ":!docs", ":!tests", ":!README.md", ":!CONTRIBUTING.md").splitlines()
    assert [each for each in [*others, "image/sample/README.md"] if is_ignored(each)] == []


def test_every_stack_that_a_job_deploys_can_be_chosen() -> None:
    deployed = [name for name, job in JOBS.items() if job.get("environment") == name]
    [choice] = yaml.safe_load((GITHUB / "workflows" / "deploy.yml").read_text())[True]["workflow_dispatch"][
        "inputs"
    ].values()
    assert choice["options"] == deployed


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_an_update_refreshes_so_that_one_that_failed_is_tried_again(job: str) -> None:
    updates = [each["run"] for each in JOBS[job]["steps"] if "pulumi up" in each.get("run", "")]
    assert updates == [f"exec pulumi up --yes --refresh --stack {job} --policy-pack policy"]


@pytest.mark.parametrize("job", ["dev", "prod"])
def test_a_step_that_is_cancelled_interrupts_pulumi_itself(runner: Runner, job: str) -> None:
    """GitHub sends the signal only to the process that it started, which waits for its children.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
    """
    run(runner, job, f"Update {job}", pulumi=f'echo $$ > "{runner.folder}/pid"; echo $PPID > "{runner.folder}/parent"')
    assert runner.read("parent").strip() == str(os.getpid())
