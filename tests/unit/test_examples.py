"""The examples in documents, comments, docstrings and messages are valid as they are typed."""

from __future__ import annotations

import ast
import io
import re
import shlex
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import botocore.session
import pytest
import yaml
from botocore import xform_name

from bootstrap import settings
from config.settings import json_schema
from tests.declared import CATALOGUE, ROOT
from tests.unit.test_docs import MAKEFILE, PAGES, TARGETS, VARIABLES, name

PACKAGES = ("bootstrap", "components", "config", "ecs", "image", "ops", "policy", "review", "simulator", "tools")
SOURCES = [
    ROOT / "__main__.py",
    ROOT / "services.py",
    *(file for each in PACKAGES for file in (ROOT / each).rglob("*.py")),
]
YAML_FILES = [
    *sorted(ROOT.glob("Pulumi*.yaml")),
    *sorted(ROOT.glob("bootstrap/Pulumi*.yaml")),
    ROOT / "image" / "compose.yaml",
    *sorted((ROOT / ".github").rglob("*.yml")),
]
NOT_STACK_FILES = {"ops", "config", "where", *CATALOGUE.names}
"""The first words of examples that are commit messages and errors, such as an error of a service."""
CUSTOM = {"logs tail", "sts get-caller-identity"}
"""Commands of the AWS CLI that are no operation of an API, or have no option in the documents."""
COMMON = {"query", "max-items", "region", "profile", "output"}
"""Options that every command of the AWS CLI has. https://docs.aws.amazon.com/cli/latest/reference/"""


def text(file: Path) -> str:
    """What a person reads: a page as a whole; of a program and of YAML only comments, docstrings and messages."""
    if file.suffix == ".md":
        return file.read_text()
    if file.suffix == ".py":
        return "\n".join(_strings(file))
    return "\n".join(re.findall(r"(?:^| )# (.*)$", file.read_text(), re.MULTILINE))


def _strings(file: Path) -> Iterator[str]:
    """The strings and the comments. In an f-string, each value becomes a letter."""
    source = file.read_text()
    formatted: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            formatted |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in formatted:
            yield node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string.removeprefix("# ")


FILES = [*PAGES, *YAML_FILES, ROOT / "Makefile", *SOURCES]
each_file = pytest.mark.parametrize("file", FILES, ids=name)


def quoted(file: Path) -> list[str]:
    """The code in backticks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^ *```.*?^ *```$", "", text(file), flags=re.MULTILINE | re.DOTALL))


def yaml_examples(file: Path) -> list[str]:
    found = [each for each in quoted(file) if re.match(r"[a-z][\w.<>-]*: ", each)]
    return [each for each in found if each.partition(":")[0] not in NOT_STACK_FILES]


def keys() -> set[str]:
    """All keys of a stack file and of its file for bootstrap, in any section."""
    schemas = (json_schema(), settings.Settings.model_json_schema())
    sections: list[dict[str, Any]] = [each for schema in schemas for each in (schema, *schema["$defs"].values())]
    return {key for section in sections for key in section.get("properties", {})}


@each_file
def test_a_line_of_a_stack_file_means_the_same_inside_braces_and_on_a_line_of_its_own(file: Path) -> None:
    for example in yaml_examples(file):
        assert yaml.safe_load(example) == yaml.safe_load(f"{{{example}}}"), example


@each_file
def test_a_line_of_a_stack_file_has_a_key_that_exists(file: Path) -> None:
    assert [each for each in yaml_examples(file) if each.partition(":")[0] not in keys()] == []


@each_file
def test_every_command_of_make_has_a_target_and_variables_that_exist(file: Path) -> None:
    commands = [each for each in quoted(file) if re.match(r"(?:[A-Z]+=\S+ )*make ", each)]
    commands += re.findall(r"make [a-z-]+(?: [A-Z]+=[^\s`.,)]+)+", text(file))
    for command in commands:
        words = [each for each in command.partition("; ")[0].split("$(")[0].split() if each != "make"]
        assert {each for each in words if "=" not in each and each not in ("generate", "...")} <= TARGETS, command
        assert {each.partition("=")[0] for each in words if "=" in each} <= VARIABLES, command


@each_file
def test_a_command_names_only_stack_files_and_documents_that_exist_or_a_placeholder(file: Path) -> None:
    if file.suffix != ".md":
        named = re.findall(r"\bdocs/[\w/-]+\.md", text(file))
        assert [each for each in named if not (ROOT / each).exists()] == []


def shell_lines(page: Path) -> list[str]:
    """The commands of a page: indented lines, joined if they end with a backslash, and shell blocks."""
    content = page.read_text()
    fenced = re.findall(r"^ *```sh\n(.*?)^ *```$", content, re.MULTILINE | re.DOTALL)
    outside = re.sub(r"^ *```.*?^ *```$", "", content, flags=re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^(?: {4}(?! ).+\n)(?: {6}.+\n)*", outside, re.MULTILINE)
    lines = [each for block in fenced for each in block.splitlines()] + indented
    return [
        re.sub(r"\\\n *", "", each).strip()
        for each in lines
        if re.match(r" *(?:aws|make|pulumi|git|python|\.venv)", each)
    ]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_of_a_page_is_understood_by_the_shell(page: Path) -> None:
    for line in shell_lines(page):
        done = subprocess.run(["/bin/sh", "-n", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, line


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_command_of_a_page_has_a_pattern_that_zsh_refuses_when_no_file_matches(page: Path) -> None:
    for line in shell_lines(page):
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", line.partition(" #")[0])
        assert not re.search(r"[?*\[\]]", unquoted), line


def aws_commands(file: Path) -> Iterator[list[str]]:
    """The words of each command of the AWS CLI that a file shows. `…` stands for a value."""
    lines = [*(shell_lines(file) if file.suffix == ".md" else ()), *quoted(file)]
    lines += (
        re.findall(r"(?<!`)\baws (?:[a-z0-9]+ [a-z-]+ --.*)$", text(file), re.MULTILINE) if file.suffix == ".py" else []
    )
    for line in lines:
        if line.startswith("aws ") and len(words := shlex.split(line, comments=True)) > 2:
            yield words[1:]


@each_file
def test_every_command_of_the_aws_cli_has_an_operation_and_options_that_exist(file: Path) -> None:
    session = botocore.session.get_session()
    for service, command, *words in aws_commands(file):
        if f"{service} {command}" in CUSTOM:
            continue
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        operations = {xform_name(each).replace("_", "-"): each for each in model.operation_names}
        assert command in operations, f"aws {service} {command}"
        shape = model.operation_model(operations[command]).input_shape
        members = {xform_name(each).replace("_", "-") for each in (shape.members if shape else ())}
        options = {each.removeprefix("--").removeprefix("no-") for each in words if each.startswith("--")}
        skip = {each for each in options if each.removeprefix("skip-") in members or each in members | COMMON}
        assert options == skip, f"aws {service} {command}: {options - skip}"


@each_file
def test_no_number_of_services_can_become_wrong(file: Path) -> None:
    """tests/unit/test_docs.py checks the pages."""
    if file.suffix != ".md":
        numbers = "three|four|five|six|seven|eight|nine|ten"
        counted = re.findall(rf"\b(?:{numbers}) (?:\w+ )?services\b", text(file), re.IGNORECASE)
        assert [each for each in counted if "between" not in each] == []


def test_the_description_of_the_project_counts_nothing() -> None:
    project = cast(dict[str, str], yaml.safe_load((ROOT / "Pulumi.yaml").read_text()))
    assert not re.search(r"\d\b(?!\S)|\b(?:two|three|four|five|six|seven)\b", project["description"])


def test_every_variable_of_make_that_a_person_sets_is_shown_by_help_or_by_its_target() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    own = {"VENV", "RUN", "READY", "TESTS", "PYTHON"}
    variables = set(re.findall(r"^([A-Z]+) \??:?=", MAKEFILE, re.MULTILINE)) - own
    assert {each for each in variables if f"{each}=" not in shown} == set()
