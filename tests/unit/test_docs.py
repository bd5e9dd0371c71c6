"""The documents: what they name exists, and their commands are understood."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.load import parse
from config.stackfile import KEY
from tests.declared import CATALOGUE, REGION, ROOT, STACKS

README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("*.md"))
WORKFLOWS = sorted((ROOT / ".github").rglob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
VARIABLES = {*re.findall(r"^([A-Z]+) [?:]=", MAKEFILE, re.MULTILINE), "URL", "TEST_REGISTRY"}
COMMANDS = ("simulator", "review", "ops")
"""Packages with subcommands."""
ACCOUNT = ("aws ", "pulumi ")
"""Beginnings of commands that need an account, besides those of `ops` without --simulator."""
RECIPE = {"simulator/aws/sqs.py", "images"}
"""The file and the subcommand that the recipes of docs/howto/extending.md create."""
NUMBERS = "two|three|four|five|six|seven|eight|nine|ten"


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=name)
each_file = pytest.mark.parametrize("page", [*PAGES, *WORKFLOWS, ROOT / "Makefile", ROOT / ".ci" / "run"], ids=name)


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def code(page: Path) -> list[str]:
    """The lines of code: indented, in fenced shell blocks, and in the text."""
    text = page.read_text()
    fenced = "\n".join(re.findall(r"^ *```sh\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL))
    lines = [*re.findall(r"^    (?! )(.+)$", prose(page), re.MULTILINE), *fenced.splitlines()]
    return [each.partition(" # ")[0].strip() for each in [*lines, *re.findall(r"`([^`\n]+)`", prose(page))]]


def run_modules(text: str) -> Iterator[list[str]]:
    """The words after `python -m`, for each time that a module of this repository is run."""
    for command in re.findall(r"(?:python|\$\(RUN\)) -m ([^`|&;>\n#)]+)", text):
        yield shlex.split(command.replace("'", " "))


@each_page
def test_every_target_and_variable_of_make_exists(page: Path) -> None:
    for line in code(page):
        if line.startswith("make "):
            words = line.split("$(")[0].split()[1:]
            assert {word for word in words if "=" not in word and not word.startswith("-")} <= TARGETS, line
            assert {word.partition("=")[0] for word in words if "=" in word} <= VARIABLES, line


@each_file
def test_every_module_that_is_run_exists(page: Path) -> None:
    external = {"ruff", "pyright", "pip", "pytest", "venv"}
    modules = {words[0] for words in run_modules(page.read_text())} - external
    assert [module for module in modules if find_spec(module) is None] == []


@each_file
def test_every_subcommand_and_option_is_understood(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for package, *words in run_modules(page.read_text()):
        if package not in COMMANDS or not words or words[0].startswith("-"):
            continue
        main = importlib.import_module(f"{package}.cli").main
        for subcommand in {words[0]} - RECIPE:
            with pytest.raises(SystemExit) as exited:
                main([subcommand, "--help"])
            assert exited.value.code == 0, f"{package} {subcommand}"
            options = {word.partition("=")[0] for word in words if word.startswith("--") and word != "--"}
            assert options <= set(re.findall(r"--[a-z-]+", capsys.readouterr().out)), words


@each_file
def test_no_command_line_of_former_packages_is_left(page: Path) -> None:
    former = r"python -m promotion|--releasable|python -m simulator (?:diff|rehearse|picture)|from services import"
    assert re.findall(former, page.read_text()) == []


def test_a_command_of_the_readmes_table_that_needs_an_account_is_marked() -> None:
    rows = re.findall(r"^\| .* \|$", README.read_text(), re.MULTILINE)
    unmarked: list[str] = []
    for row in rows:
        for before, command in re.findall(r"(.{0,2})`([^`]+)`", row):
            on_aws = command.startswith(ACCOUNT) or (" -m ops " in command and "--simulator" not in command)
            if (on_aws or command.startswith("make smoke")) and "●" not in before:
                unmarked.append(command)
    assert unmarked == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in (README, *DECISIONS)], ids=name)
def test_a_page_with_commands_that_need_an_account_says_so(page: Path) -> None:
    if any(line.startswith(ACCOUNT) for line in code(page)):
        assert re.search(r"account|credentials|role", prose(page))


@each_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text()):
        target = page.parent / link if link else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}, anchor


@each_page
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    roots = "components|config|docs|ecs|image|ops|policy|review|simulator|tests|tools"
    paths = re.findall(rf"`((?:{roots})/[\w./-]*)`", prose(page))
    assert [path for path in paths if path not in RECIPE and not (ROOT / path).exists()] == []


@each_page
def test_every_yaml_block_is_yaml(page: Path) -> None:
    for block in re.findall(r"^ *```yaml\n(.*?)^ *```$", page.read_text(), re.MULTILINE | re.DOTALL):
        assert isinstance(yaml.safe_load(block), dict)


def test_the_edits_for_aws_make_a_valid_stack_file(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "deploy-to-aws.md").read_text()
    [block] = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    edits: dict[str, Any] = yaml.safe_load(block)
    dev: dict[str, Any] = yaml.safe_load((STACKS / "Pulumi.dev.yaml").read_text())["config"][KEY]
    (tmp_path / "mrgnl-infra").mkdir()
    for service in CATALOGUE.names:
        (tmp_path / f"mrgnl-{service}").mkdir()
    text = json.dumps({**dev, **edits})
    settings = parse(text, region=REGION, file="Pulumi.dev.yaml", catalogue=CATALOGUE, root=tmp_path / "mrgnl-infra")
    assert settings.account == edits["account"]


@each_page
def test_no_page_counts_the_services_of_the_catalogue(page: Path) -> None:
    if page.name != "performance.md":
        assert re.findall(rf"\b(?:{NUMBERS}|\d+) (?:\w+ )?services\b", prose(page), re.IGNORECASE) == []


def test_every_test_that_the_architecture_names_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+?)(?:_…)?)?`", (ROOT / "docs" / "architecture.md").read_text())
    assert named
    assert [(file, test) for file, test in named if f"def {test}" * bool(test) not in (ROOT / file).read_text()] == []


def test_every_message_that_the_runbook_explains_exists() -> None:
    """A message may be split over several lines of source, with values between its parts."""
    text = (ROOT / "docs" / "runbook.md").read_text()
    [table] = re.findall(r"^\| message .*\n\|.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    source = "".join(file.read_text() for name in ("ops", "config") for file in sorted((ROOT / name).glob("*.py")))
    source = re.sub(r'"\s*f?"', "", re.sub(r"\{KEY\}", KEY, source))
    quoted = [part for row in table.splitlines() for part in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
    parts = [each.strip(" ,") for message in quoted for each in message.split("…")]
    assert [part for part in parts if part not in source] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda page: page.name)
def test_a_decision_has_a_number_a_status_and_a_date(decision: Path) -> None:
    number = int(decision.name[:4])
    assert re.match(
        rf"# {number}\. .+\n\nStatus: (?:accepted|superseded by \d+)\nDate: \d{{4}}-\d\d-\d\d\n\n", decision.read_text()
    )


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(each.name[:4]) for each in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_make_help_lists_every_target_in_a_group_without_colours() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S607
    assert set(re.findall(r"^  make ([a-z-]+) +\w", listed, re.MULTILINE)) == TARGETS
    assert len(re.findall(r"^\w.*\n  make ", listed, re.MULTILINE)) >= 3
    assert "\x1b" not in listed
