"""The page of a pull request, from real runs: what a reviewer who knows nothing of Pulumi reads, for twelve changes.

Each change is made on a checkout whose dev and prod are up; prod runs dev's digests. The pages are golden files.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from pulumi import automation as auto

from ecs.image import Reference
from simulator.diff import command, run
from simulator.diff.headline import headline
from simulator.diff.page import page
from tests.declared import ROOT
from tests.engine.conftest import Checkout, program_in

GOLDEN = ROOT / "tests" / "unit" / "simulator" / "diff" / "golden"
RENEW = "RENEW_GOLDEN"
DIGEST = r"(?<=[:`])(?<!arn:)[0-9a-f]{12}\b(?!:)|(?<=contextDigest: )[0-9a-f]{12}"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"


@dataclass(frozen=True)
class Deployed:
    """Both stacks, up; the home is for copying only."""

    checkout: Checkout
    resources: Mapping[str, run.Raw]


@pytest.fixture(scope="session")
def deployed(dev_home: Path, tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Deployed:
    checkout = program_in(tmp_path_factory.mktemp("diff"), cli)
    checkout.separate_sources()
    shutil.copytree(dev_home, checkout.home)
    digests = checkout.simulator.outputs("dev")["images"]
    checkout.edit("prod", lambda stack: stack.update(images=digests))
    checkout.run("up", "prod")
    return Deployed(checkout, {stack: checkout.simulator.resources(stack) for stack in ("dev", "prod")})


@pytest.fixture
def head(deployed: Deployed, tmp_path: Path) -> Checkout:
    """A copy of all that is deployed, to be changed."""
    folder = tmp_path / "copy"
    shutil.copytree(deployed.checkout.sources, folder, symlinks=True)
    return Checkout(folder / "mrgnl-infra", folder / "home", deployed.checkout.cli)


def rewrite(checkout: Checkout, file: str, old: str, new: str) -> None:
    path = checkout.root / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def new_image(checkout: Checkout) -> None:
    main = checkout.sources / "mrgnl-promptsvc" / "cmd" / "server" / "main.go"
    main.write_text(main.read_text() + "\n// a comment\n")


def environment(checkout: Checkout) -> None:
    rewrite(
        checkout,
        "services.py",
        'name="chatsvc", port=9004, database=True',
        'name="chatsvc", port=9004, database=True, environment={"LOG_LEVEL": "debug | <b>all</b>"}',
    )


def secret(checkout: Checkout) -> None:
    rewrite(
        checkout,
        "services.py",
        'name="authsvc", port=9001, database=True',
        'name="authsvc", port=9001, database=True, secrets=("SIGNING_KEY",)',
    )
    for stack in ("dev", "prod"):
        checkout.edit(stack, lambda said: said.update(secrets={"authsvc": {"SIGNING_KEY": f"{SECRET}:::v1"}}))


def size(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack["sizes"].update(chatsvc={"cpu": 1024, "memory": 2048, "max": 9}))


def call(checkout: Checkout) -> None:
    rewrite(
        checkout,
        "services.py",
        'name="chatsvc", port=9004, database=True',
        'name="chatsvc", port=9004, database=True, calls=("promptsvc",)',
    )


def service_added(checkout: Checkout) -> None:
    rewrite(
        checkout,
        "services.py",
        'Entry(name="chatsvc"',
        'Entry(name="latesvc", port=9999, database=True),\n        Entry(name="chatsvc"',
    )
    shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / "mrgnl-latesvc")


def service_removed(checkout: Checkout) -> None:
    rewrite(checkout, "services.py", '        Entry(name="chatsvc", port=9004, database=True),\n', "")
    rewrite(checkout, "services.py", ', "chatsvc"', "")


def subnet_renumbered(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(cidr="10.21.0.0/16"))


def database_replaced(checkout: Checkout) -> None:
    rewrite(checkout, "components/database.py", "db_name=USER", 'db_name="content"')


def promotion(checkout: Checkout) -> None:
    new_image(checkout)
    checkout.run("up", "dev")
    digest = checkout.simulator.outputs("dev")["images"]["promptsvc"]
    assert Reference.parse(digest)
    checkout.edit("prod", lambda stack: stack["images"].update(promptsvc=digest))


def reorder(checkout: Checkout) -> None:
    for stack in ("dev", "prod"):
        checkout.edit(stack, lambda said: [said.update({key: said.pop(key)}) for key in sorted(said, reverse=True)])
        file = checkout.root / f"Pulumi.{stack}.yaml"
        file.write_text(f"# a comment\n{file.read_text()}")
    services = checkout.root / "services.py"
    services.write_text(services.read_text().replace('("authsvc", "promptsvc",', '("promptsvc", "authsvc",  # both\n'))


@dataclass(frozen=True)
class Case:
    change: Callable[[Checkout], None]
    stacks: tuple[str, ...] = ("dev", "prod")


CASES = {
    "new-image": Case(new_image),
    "environment-changed": Case(environment, ("dev",)),
    "secret-added": Case(secret, ("dev",)),
    "size": Case(size, ("prod",)),
    "call-added": Case(call, ("dev",)),
    "service-added": Case(service_added, ("dev",)),
    "service-removed": Case(service_removed),
    "subnet-renumbered": Case(subnet_renumbered, ("dev",)),
    "database-replaced": Case(database_replaced),
    "promotion": Case(promotion, ("prod",)),
    "reorder-and-comment-only": Case(reorder),
}


@pytest.mark.parametrize("name", CASES)
def test_a_change_has_the_page_that_its_golden_file_shows(name: str, head: Checkout, deployed: Deployed) -> None:
    case = CASES[name]
    case.change(head)
    changes = [
        run.compared(stack, deployed.resources[stack], run.bring_up(head.simulator, stack)) for stack in case.stacks
    ]
    assert_golden(name, page(changes, title=f"What changes: {name}"))


def test_a_first_deployment_has_the_page_that_its_golden_file_shows(deployed: Deployed, checkout: Checkout) -> None:
    changes = [run.compared(stack, [], run.bring_up(checkout.simulator, stack)) for stack in ("dev", "prod")]
    assert_golden("first-deployment", page(changes, title="What changes: first-deployment"))


def test_a_rehearsal_says_what_would_be_refused_and_leaves_the_home_as_it_is(head: Checkout) -> None:
    def content() -> dict[str, bytes]:
        files = [path for path in head.home.rglob("*") if path.is_file() and path.suffix != ".lock"]
        return {str(path): path.read_bytes() for path in files}

    database_replaced(head)
    before = content()
    [found] = command.rehearse(head.simulator, "prod").stacks
    assert [each.split("\n")[0] for each in found.refused] == ['unable to replace resource "database-instance"']
    assert content() == before


def test_the_working_tree_is_compared_with_a_commit_and_both_stay_as_they_are(head: Checkout) -> None:
    commit_all(head)
    size(head)
    (head.root / "Pulumi.dev.yaml").unlink()
    (head.root / "requirements.txt").write_text("pulumi")
    before = git(head, "status", "--porcelain")
    comparison = command.compare(head.simulator, "HEAD", None)
    assert {each.stack: headline(each) for each in comparison.stacks} == {
        "dev": "its stack file is removed",
        "prod": "1 service rolls out (chatsvc: size), chatsvc's scaling target changes, nothing is replaced",
    }
    assert comparison.notes == ["requirements.txt differs: the base ran with the packages that are installed here."]
    assert git(head, "status", "--porcelain") == before


def test_the_sample_stands_in_for_what_is_not_checked_out_beside_the_program(head: Checkout) -> None:
    commit_all(head)
    shutil.rmtree(head.sources / "mrgnl-authsvc")
    shutil.rmtree(head.sources / "mrgnl-mcp")
    rewrite(head, "__main__.py", '"managed-by": "pulumi"', '"managed-by": "Pulumi"')
    comparison = command.compare(head.simulator, "HEAD", ["dev"])
    assert [headline(each) for each in comparison.stacks] == ["the stack's AWS provider changes, nothing is replaced"]
    assert comparison.notes == [
        "Not checked out, so image/sample was built instead, for both commits: ../mrgnl-authsvc, ../mrgnl-mcp."
    ]


def git(checkout: Checkout, *arguments: str) -> str:
    program = shutil.which("git")
    assert program
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    command = [program, "-C", str(checkout.root), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit_all(checkout: Checkout) -> None:
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "base")


def test_a_stack_that_asks_for_another_account_is_known_to_move(head: Checkout) -> None:
    assert not run.moves(head.simulator, "dev")
    head.edit("dev", lambda stack: stack.update(account="000000000007"))
    assert run.moves(head.simulator, "dev")


def assert_golden(name: str, page: str) -> None:
    """Digests are numbered: every edit of the sample or the Dockerfile gives others."""
    file = GOLDEN / f"{name}.md"
    digests = list(dict.fromkeys(re.findall(DIGEST, page)))
    text = re.sub(DIGEST, lambda found: f"{digests.index(found[0]) + 1:012}", page)
    if RENEW in os.environ:
        file.write_text(text)
    before = file.read_text() if file.exists() else ""
    difference = "".join(difflib.unified_diff(before.splitlines(True), text.splitlines(True), file.name, "now"))
    assert text == before, (
        f"{difference}\nif that is better: {RENEW}=1 .venv/bin/python -m pytest tests/engine/test_diff.py"
    )
