"""The page of a pull request for each kind of change, from deployments on the real engine.

The changes start from deployed dev and prod stacks; prod runs dev's digests. The pages are golden files.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi import automation as auto

from review import cli as command
from review import promoted_sources, trial
from review.known_bases import KnownBases
from review.render.headline import headline
from review.render.markdown import page
from simulator.home import Home
from tests.declared import ROOT
from tests.engine.conftest import Checkout, Registering, program_in
from tests.git import commit_all, git
from tests.review.diff_cases import CASES, other_database, size

GOLDEN = ROOT / "tests" / "unit" / "review" / "golden"
RENEW = "RENEW_GOLDEN"
DIGEST = r"(?<=[:`])(?<!arn:)[0-9a-f]{12}\b(?![:.])|(?<=contextDigest: )[0-9a-f]{12}|(?<=→ )[0-9a-f]{12}\b(?!\.dkr)"


@dataclass(frozen=True)
class Deployed:
    """Both stacks, deployed; only copies of the state directory may be changed."""

    checkout: Checkout
    resources: Mapping[str, trial.Raw]


@pytest.fixture(scope="session")
def deployed(dev_home: Home, tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Deployed:
    checkout = program_in(tmp_path_factory.mktemp("diff"), cli)
    checkout.separate_sources()
    shutil.copytree(dev_home.path, checkout.home.path)
    digests = checkout.simulator.outputs("dev")["images"]
    checkout.edit("prod", lambda stack: stack.update(images=digests))
    checkout.run("up", "prod")
    return Deployed(checkout, {stack: checkout.home.resources(stack) for stack in ("dev", "prod")})


@pytest.fixture
def head(deployed: Deployed, tmp_path: Path) -> Checkout:
    """A copy of the deployed checkout and its state directory, for changes."""
    folder = tmp_path / "copy"
    shutil.copytree(deployed.checkout.sources, folder, symlinks=True)
    return Checkout(folder / "mrgnl-infra", Home(folder / "home"), deployed.checkout.cli)


@pytest.mark.parametrize("name", CASES)
def test_the_page_of_a_change_matches_its_golden_file(
    name: str, head: Checkout, deployed: Deployed, registering: Registering
) -> None:
    case = CASES[name]
    before = dict(deployed.resources)
    if case.base:
        case.base(head)
        for stack in case.stacks:
            head.run("up", stack)
            before[stack] = head.home.resources(stack)
    pins = {stack: stack_file(head, stack) for stack in case.stacks}
    case.change(head)
    if case.registration:
        registering(case.registration)
    changes = [
        promoted_sources.with_commits(
            trial.compared(stack, before.get(stack, []), trial.deploy_checked(head.simulator, stack)),
            pins[stack],
            stack_file(head, stack),
            head.sources,
        )
        for stack in case.stacks
    ]
    assert_golden(name, page(changes, title=f"Changes: {name}"))


def test_the_page_of_a_first_deployment_matches_its_golden_file(deployed: Deployed, checkout: Checkout) -> None:
    changes = [trial.compared(stack, [], trial.deploy(checkout.simulator, stack)) for stack in ("dev", "prod")]
    assert_golden("first-deployment", page(changes, title="Changes: first-deployment"))


def test_a_rehearsal_reports_the_errors_and_does_not_change_the_state_directory(
    head: Checkout, registering: Registering
) -> None:
    def content() -> dict[str, bytes]:
        files = [path for path in head.home.path.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return {str(path): path.read_bytes() for path in files}

    registering(other_database)
    before = content()
    [found] = command.rehearse(head.simulator, "prod").stacks
    assert found.errors == ('unable to replace resource "database-instance" as it is currently marked for protection.',)
    assert content() == before


def test_the_working_tree_is_compared_with_a_commit_and_is_not_changed(head: Checkout) -> None:
    commit_all(head.root)
    size(head)
    (head.root / "Pulumi.dev.yaml").unlink()
    (head.root / "requirements.txt").write_text("pulumi")
    before = git(head.root, "status", "--porcelain")
    comparison = command.compare(head.simulator, "HEAD", None)
    assert {each.stack: headline(each) for each in comparison.stacks} == {
        "dev": "its stack file is removed",
        "prod": "1 service rolls out (chatsvc: size), chatsvc's scaling target: maxCapacity 6 → 9",
    }
    assert comparison.notes == ["requirements.txt differs: both commits ran with the installed packages."]
    assert git(head.root, "status", "--porcelain") == before


def test_a_base_that_is_known_from_an_earlier_comparison_gives_the_same_page(
    pinned: Checkout, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pinned.root / "Pulumi.prod.yaml").unlink()
    commit_all(pinned.root)
    pinned.edit("dev", lambda stack: stack.update(sizes={"promptsvc": {"cpu": 512, "memory": 1024}}))
    bases = KnownBases(tmp_path / "bases", code=ROOT)
    first, second = (command.compare(pinned.simulator, "HEAD", None, bases) for _ in range(2))
    assert first == second
    assert [headline(each) for each in first.stacks] == ["1 service rolls out (promptsvc: size)"]
    assert capsys.readouterr().err.count("deploying the base") == 1


def test_the_sample_replaces_build_contexts_that_are_not_checked_out(head: Checkout) -> None:
    commit_all(head.root)
    shutil.rmtree(head.sources / "mrgnl-authsvc")
    shutil.rmtree(head.sources / "mrgnl-mcp")
    head.edit("dev", lambda stack: stack.update(insights=True))
    comparison = command.compare(head.simulator, "HEAD", ["dev"])
    assert [headline(each) for each in comparison.stacks] == [
        "cluster's ECS cluster: settings[containerInsights].value disabled → enabled"
    ]
    assert comparison.notes == [
        "Not checked out; image/sample was built instead, for both commits: ../mrgnl-authsvc, ../mrgnl-mcp."
    ]


def test_a_stack_file_with_another_account_moves_the_stack(head: Checkout) -> None:
    assert not trial.moves(head.simulator, "dev")
    head.edit("dev", lambda stack: stack.update(account="000000000007"))
    assert trial.moves(head.simulator, "dev")


def stack_file(checkout: Checkout, stack: str) -> str:
    return (checkout.root / f"Pulumi.{stack}.yaml").read_text()


def assert_golden(name: str, page: str) -> None:
    """Digests are replaced by numbers: every edit of the sample or the Dockerfile changes them."""
    file = GOLDEN / f"{name}.md"
    digests = list(dict.fromkeys(re.findall(DIGEST, page)))
    text = re.sub(DIGEST, lambda found: f"{digests.index(found[0]) + 1:012}", page)
    text = re.sub(r"(?<=-final-)[0-9a-f]{8}", "00000000", text)  # the random suffix of a final snapshot
    text = re.sub(r"`[0-9a-f]{7,12}(?= \w)", "`0000000", text)  # a commit
    text = re.sub(r"\bdb-[A-Z0-9]{26}\b", "db-0", text)  # RDS generates it, and the next one
    text = re.sub(r"\.c[0-9a-f]{11}(?=\.us-east-1\.rds)", ".c0", text)
    if RENEW in os.environ:
        file.write_text(text)
    before = file.read_text() if file.exists() else ""
    difference = "".join(difflib.unified_diff(before.splitlines(True), text.splitlines(True), file.name, "now"))
    assert text == before, (
        f"{difference}\nTo accept the new page: {RENEW}=1 .venv/bin/python -m pytest tests/review/test_diff.py"
    )
