"""Checks of the workflows that actionlint and zizmor do not make."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import catalogue
from tests.declared import CATALOGUE, ROOT, STACKS
from tests.workflows import ACTIONS, GITHUB, WORKFLOWS, Ran, Runner, evaluated, jobs

FILES = [*WORKFLOWS, *ACTIONS]


def scripts(file: Path) -> list[str]:
    content = yaml.safe_load(file.read_text())
    jobs = [content["runs"]] if "runs" in content else content["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def action(name: str) -> dict[str, Any]:
    return yaml.safe_load((GITHUB / "actions" / name / "action.yml").read_text())


def named(files: list[Path]) -> Any:
    return pytest.mark.parametrize("file", files, ids=lambda file: str(file.relative_to(GITHUB)))


@named(FILES)
def test_every_action_of_others_is_pinned_by_commit_with_its_version_in_a_comment(file: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (.*)$", file.read_text(), re.MULTILINE)
    own = {f"./{file.parent.relative_to(ROOT)}" for file in ACTIONS}
    others = [each for each in used if each not in own]
    assert [each for each in others if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_an_action_has_one_version_in_all_workflows() -> None:
    used = {each for file in FILES for each in re.findall(r"uses: (\S+@.*)$", file.read_text(), re.MULTILINE)}
    assert len(used) == len({each.partition("@")[0] for each in used})


@named(FILES)
def test_no_script_ignores_a_failure_inside_another_command(file: Path) -> None:
    lines = [line for each in scripts(file) for line in each.splitlines() if "$(" in line]
    assert [line for line in lines if not re.match(r" *\w+=\$\(", line)] == []


@named(WORKFLOWS)
def test_a_workflow_grants_no_permission_to_all_its_jobs(file: Path) -> None:
    assert yaml.safe_load(file.read_text())["permissions"] == {}


@named(WORKFLOWS)
def test_a_job_of_a_pull_request_gets_no_secret_and_no_write_permission_for_a_fork(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    triggers: dict[str, Any] = workflow[True]  # YAML 1.1 reads the key `on` as true
    assert {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers) == set()
    for name, job in workflow["jobs"].items() if "pull_request" in triggers else ():
        writes = "write" in job["permissions"].values()
        if writes or "secrets." in str(job):
            assert "head.repo.full_name == github.repository" in job["if"], name


@named(WORKFLOWS)
def test_a_job_installs_nothing_after_it_assumes_a_role(file: Path) -> None:
    for name, job in yaml.safe_load(file.read_text())["jobs"].items():
        used = [step.get("uses") for step in job["steps"]]
        if "./.github/actions/pulumi" in used:
            later = job["steps"][used.index("./.github/actions/pulumi") :]
            assert [step for step in later if re.search(r"\b(make|pip|install)\b", step.get("run", ""))] == [], name


def test_the_action_checks_out_the_services_of_the_catalogue() -> None:
    [code] = re.findall(r"names=\$\(\.venv/bin/python -c '(.*)'\)", (GITHUB / "actions/pulumi/action.yml").read_text())
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=STACKS, env=environment, capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.split()) == list(CATALOGUE.names)


def test_the_workflows_install_the_cli_version_that_the_simulator_builds() -> None:
    [pinned] = re.findall(r"pulumi/pkg/v3 v(\S+)", (ROOT / "tools" / "pulumi" / "go.mod").read_text())
    [install] = [step for step in action("pulumi")["runs"]["steps"] if step.get("name") == "Install the Pulumi CLI"]
    assert install["env"]["VERSION"] == pinned


PULUMI = [
    pytest.param(file.stem, name, id=f"{file.stem}-{name}")
    for file in WORKFLOWS
    for name, job in jobs(file.stem).items()
    if "./.github/actions/pulumi" in [step.get("uses") for step in job["steps"]]
]
"""The jobs that use Pulumi on AWS."""
PROGRAM = re.compile(r"pulumi (?:up|preview)|tools\.ci\.plan")
"""Commands that run the program, and so need the services' sources in a job of a stack that builds them."""


def inputs(workflow: str, name: str) -> dict[str, dict[str, str]]:
    """What a job gives the action, by stack, where only some stacks build: dev and staging do, prod does not."""
    job = jobs(workflow)[name]
    environment = str(job["environment"]).removesuffix("-preview").removesuffix("-pull-request")
    needs = {"stacks": {"outputs": {"building": '["dev", "staging"]'}}}
    found: dict[str, dict[str, str]] = {}
    for stack in ["dev", "staging", "prod"] if "matrix" in environment else [environment]:
        [given] = [step["with"] for step in job["steps"] if step.get("uses") == "./.github/actions/pulumi"]
        contexts = {
            "needs": needs,
            "matrix": {"stack": stack},
            "vars": {"SERVICES_OWNER": "owner", "ROLE": "role", "REGION": "region"},
            "secrets": {"SERVICES_TOKEN": "token"},
        }
        found[stack] = {key: evaluated(value, **contexts) for key, value in given.items()}
    return found


@pytest.mark.parametrize(("workflow", "name"), PULUMI)
def test_only_a_job_that_runs_the_program_of_a_building_stack_gets_the_sources_and_their_token(
    workflow: str, name: str
) -> None:
    runs = any(PROGRAM.search(step.get("run", "")) for step in jobs(workflow)[name]["steps"])
    for stack, given in inputs(workflow, name).items():
        expected = ("owner", "token") if runs and stack in ("dev", "staging") else ("", "")
        assert (given.get("services-owner", ""), given.get("services-token", "")) == expected, stack


@pytest.mark.parametrize(("workflow", "name"), PULUMI)
def test_a_session_lasts_as_long_as_its_job(workflow: str, name: str) -> None:
    default = str(action("pulumi")["inputs"]["session"]["default"])
    for given in inputs(workflow, name).values():
        assert int(given.get("session", default)) >= 60 * jobs(workflow)[name]["timeout-minutes"]


@named(WORKFLOWS)
def test_a_secret_is_used_only_in_a_job_of_its_environment(file: Path) -> None:
    for name, job in jobs(file.stem).items():
        used = set(re.findall(r"secrets\.(\w+)", str(job)))
        allowed = {"promotion": {"PROMOTION_TOKEN"}}.get(name, {"SERVICES_TOKEN"} if "environment" in job else set())
        assert used <= allowed, name
        assert not used or "environment" in job, name


@named(WORKFLOWS)
def test_the_stacks_come_from_the_stack_files(file: Path) -> None:
    for name, job in jobs(file.stem).items():
        if "matrix" in str(job.get("environment", "")):
            assert job["strategy"]["matrix"] == {"stack": "${{ fromJSON(needs.stacks.outputs.stacks) }}"}, name
        if "needs.stacks" in str(job):
            outputs = {each: f"${{{{ steps.list.outputs.{each} }}}}" for each in ("stacks", "building")}
            assert jobs(file.stem)["stacks"]["outputs"] == outputs, name
            assert "stacks" in job["needs"], name


def test_every_python_package_is_installed_by_hash() -> None:
    installs = [line for file in FILES for each in scripts(file) for line in each.splitlines() if "install" in line]
    pip = [line for line in installs if "pip install" in line]
    assert pip
    assert [line for line in pip if "--require-hashes" not in line] == []
    assert [line for line in installs if "pulumi install" in line and "--no-dependencies" not in line] == []


SOURCES = "Check out the services"


def sources(runner: Runner, given_token: str) -> Ran:
    [script] = [step["run"] for step in action("pulumi")["runs"]["steps"] if step.get("name") == SOURCES]
    given = replace(runner, environment={"OWNER": "o", "GH_TOKEN": given_token})
    return given.run(script, gh="", rm="", git="echo 1a2b3c")


def test_the_sources_of_each_service_are_cloned_and_their_commits_are_in_the_summary(tmp_path: Path) -> None:
    runner = Runner(folder=tmp_path)
    ran = sources(runner, "t")
    names = catalogue.load(ROOT).names
    cloned = [f"gh repo clone o/mrgnl-{name} ../mrgnl-{name} -- --depth 1" for name in names]
    assert (ran.code, [each for each in ran.called if each.startswith("gh")]) == (0, cloned)
    assert runner.read("summary") == "".join(f"- {name}: source o/mrgnl-{name}@1a2b3c\n" for name in names)


def test_an_environment_without_the_token_is_one_message(tmp_path: Path) -> None:
    runner = Runner(folder=tmp_path)
    assert sources(runner, "") == Ran(code=1, called=[])
    assert runner.read("log").startswith("::error::SERVICES_OWNER is set, but ")


def test_no_workflow_but_deploy_lists_the_stacks_itself() -> None:
    assert [
        file.name for file in WORKFLOWS if file.stem != "deploy" and re.search(r"\[ *dev *, *prod", file.read_text())
    ] == []
