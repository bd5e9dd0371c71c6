"""The workflows, where actionlint and zizmor do not look."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.declared import ROOT

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
def test_every_action_of_others_is_pinned_by_commit_with_its_version_beside_it(file: Path) -> None:
    used = re.findall(r"^ *(?:- )?uses: (.*)$", file.read_text(), re.MULTILINE)
    others = [each for each in used if each != "./.github/actions/pulumi"]
    assert [each for each in others if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_an_action_has_one_version_in_all_workflows() -> None:
    used = {each for file in FILES for each in re.findall(r"uses: (\S+@.*)$", file.read_text(), re.MULTILINE)}
    assert len(used) == len({each.partition("@")[0] for each in used})


@named(FILES)
def test_no_script_hides_a_failure_inside_another_command(file: Path) -> None:
    lines = [line for each in scripts(file) for line in each.splitlines() if "$(" in line]
    assert [line for line in lines if not re.match(r" *\w+=\$\(", line)] == []


@named(WORKFLOWS)
def test_a_workflow_has_no_permission_that_a_job_does_not_ask_for(file: Path) -> None:
    assert yaml.safe_load(file.read_text())["permissions"] == {}


@named(WORKFLOWS)
def test_what_a_pull_request_can_start_holds_no_secret_unless_its_branch_is_ours(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    triggers: dict[str, Any] = workflow[True]  # YAML 1.1 reads the key `on` as true
    assert {"pull_request_target", "workflow_run", "issue_comment"} & set(triggers) == set()
    for name, job in workflow["jobs"].items() if "pull_request" in triggers else ():
        writes = "write" in job["permissions"].values()
        if writes or "secrets." in str(job):
            assert "head.repo.full_name == github.repository" in job["if"], name


@named(WORKFLOWS)
def test_a_job_that_has_a_role_installs_nothing_more(file: Path) -> None:
    for name, job in yaml.safe_load(file.read_text())["jobs"].items():
        used = [step.get("uses") for step in job["steps"]]
        if "./.github/actions/pulumi" in used:
            later = job["steps"][used.index("./.github/actions/pulumi") :]
            assert [step for step in later if re.search(r"\b(make|pip|install)\b", step.get("run", ""))] == [], name


def test_the_smoke_test_imports_the_standard_library_alone() -> None:
    nodes = list(ast.walk(ast.parse((ROOT / "tools" / "smoke.py").read_text())))
    names = [each.name for node in nodes if isinstance(node, ast.Import) for each in node.names]
    names += [node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)]
    assert {each.partition(".")[0] for each in names} - sys.stdlib_module_names == set()


def test_the_cli_that_deploys_is_the_one_that_the_simulator_builds() -> None:
    [pinned] = re.findall(r"pulumi/pkg/v3 v(\S+)", (ROOT / "tools" / "pulumi" / "go.mod").read_text())
    [install] = [
        step
        for step in yaml.safe_load((GITHUB / "actions" / "pulumi" / "action.yml").read_text())["runs"]["steps"]
        if step.get("name") == "Install the Pulumi CLI"
    ]
    assert install["env"]["VERSION"] == pinned
