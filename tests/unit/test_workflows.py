"""Checks of the workflows that actionlint and zizmor do not make."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import stackfile
from tests.declared import CATALOGUE, ROOT, STACKS

GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
FILES = [*WORKFLOWS, *sorted(GITHUB.glob("actions/*/action.yml"))]


def scripts(file: Path) -> list[str]:
    content = yaml.safe_load(file.read_text())
    jobs = [content["runs"]] if "runs" in content else content["jobs"].values()
    return [step["run"] for job in jobs for step in job["steps"] if "run" in step]


def named(files: list[Path]) -> Any:
    return pytest.mark.parametrize("file", files, ids=lambda file: str(file.relative_to(GITHUB)))


@named(FILES)
def test_every_action_of_others_is_pinned_by_commit_with_its_version_in_a_comment(file: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (.*)$", file.read_text(), re.MULTILINE)
    others = [each for each in used if each != "./.github/actions/pulumi"]
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


def test_the_smoke_test_imports_only_the_standard_library() -> None:
    nodes = list(ast.walk(ast.parse((ROOT / "tools" / "smoke.py").read_text())))
    names = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    names += [node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {each.partition(".")[0] for each in names} - sys.stdlib_module_names == set()


def test_the_action_checks_out_the_services_of_the_catalogue() -> None:
    [code] = re.findall(r"names=\$\(\.venv/bin/python -c '(.*)'\)", (GITHUB / "actions/pulumi/action.yml").read_text())
    environment = {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=STACKS, env=environment, capture_output=True, text=True, check=True
    )
    assert sorted(done.stdout.split()) == list(CATALOGUE.names)


def test_the_workflows_install_the_cli_version_that_the_simulator_builds() -> None:
    [pinned] = re.findall(r"pulumi/pkg/v3 v(\S+)", (ROOT / "tools" / "pulumi" / "go.mod").read_text())
    [install] = [
        step
        for step in yaml.safe_load((GITHUB / "actions" / "pulumi" / "action.yml").read_text())["runs"]["steps"]
        if step.get("name") == "Install the Pulumi CLI"
    ]
    assert install["env"]["VERSION"] == pinned


PER_STACK = [("preview.yml", "pulumi"), ("drift.yml", "drift")]


@pytest.mark.parametrize(("workflow", "job"), PER_STACK)
def test_a_job_for_each_stack_follows_the_stack_files(workflow: str, job: str) -> None:
    jobs = yaml.safe_load((GITHUB / "workflows" / workflow).read_text())["jobs"]
    assert jobs[job]["needs"] == "stacks"
    assert jobs[job]["strategy"]["matrix"]["stack"] == "${{ fromJSON(needs.stacks.outputs.stacks) }}"
    assert jobs[job]["environment"] == "${{ matrix.stack }}-preview"


@pytest.mark.parametrize("workflow", [workflow for workflow, _ in PER_STACK])
@pytest.mark.parametrize(
    "names",
    [["dev", "prod"], ["dev"], ["prod", "staging", "dev"], ["prod.eu", "a b", 'q"uote', "x$(y)", "ä"]],
    ids=", ".join,
)
def test_the_listed_stacks_are_those_of_the_stack_files(tmp_path: Path, workflow: str, names: list[str]) -> None:
    """Pulumi.yaml and other files are no stacks; a name is data, never a command."""
    for file in ["Pulumi.yaml", "Pulumi.dev.yaml.orig", "Makefile", *(f"Pulumi.{name}.yaml" for name in names)]:
        (tmp_path / file).touch()
    [step] = [
        each
        for each in yaml.safe_load((GITHUB / "workflows" / workflow).read_text())["jobs"]["stacks"]["steps"]
        if each.get("id") == "list"
    ]
    output = tmp_path / "output"
    bash = shutil.which("bash")
    assert bash
    environment = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(output)}
    subprocess.run([bash, "-e", "-c", step["run"]], cwd=tmp_path, env=environment, check=True)
    [line] = output.read_text().splitlines()
    assert json.loads(line.removeprefix("stacks=")) == stackfile.stacks(tmp_path) == sorted(names)


def test_no_workflow_lists_the_stacks_itself() -> None:
    assert [file.name for file in WORKFLOWS if re.search(r"\[ *dev *, *prod", file.read_text())] == []
