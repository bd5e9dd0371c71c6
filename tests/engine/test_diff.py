"""The page of a pull request for each kind of change, from deployments on the real engine.

The changes start from deployed dev and prod stacks; prod runs dev's digests. The pages are golden files.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from config.catalogue import Entry
from ecs import types
from ecs.image import Reference
from review import cli as command
from review import trial
from review.render.headline import headline
from review.render.markdown import page
from simulator.home import Home
from tests.declared import ROOT
from tests.engine.conftest import Checkout, Registering, program_in

GOLDEN = ROOT / "tests" / "unit" / "review" / "golden"
RENEW = "RENEW_GOLDEN"
DIGEST = r"(?<=[:`])(?<!arn:)[0-9a-f]{12}\b(?!:)|(?<=contextDigest: )[0-9a-f]{12}"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"


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


def change_entry(checkout: Checkout, name: str, **changes: Any) -> None:
    checkout.edit_services(lambda entries: entries.update({name: replace(entries[name], **changes)}))


def new_image(checkout: Checkout) -> None:
    main = checkout.sources / "mrgnl-promptsvc" / "cmd" / "server" / "main.go"
    main.write_text(main.read_text() + "\n// a comment\n")


def environment(checkout: Checkout) -> None:
    change_entry(checkout, "chatsvc", environment={"LOG_LEVEL": "debug | <b>all</b>"})


def secret(checkout: Checkout) -> None:
    change_entry(checkout, "authsvc", secrets=("SIGNING_KEY",))
    for stack in ("dev", "prod"):
        checkout.edit(stack, lambda section: section.update(secrets={"authsvc": {"SIGNING_KEY": f"{SECRET}:::v1"}}))


def size(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack["sizes"].update(chatsvc={"cpu": 1024, "memory": 2048, "max": 9}))


def call(checkout: Checkout) -> None:
    change_entry(checkout, "chatsvc", calls=("promptsvc",))


def service_added(checkout: Checkout) -> None:
    latesvc = Entry(name="latesvc", port=9999, database=True)
    checkout.edit_services(lambda entries: entries.update(latesvc=latesvc))
    shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / "mrgnl-latesvc")


def service_removed(checkout: Checkout) -> None:
    change_entry(checkout, "mcp", calls=("authsvc", "promptsvc", "scrapsvc"))
    checkout.edit_services(lambda entries: entries.pop("chatsvc"))


def subnet_renumbered(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(cidr="10.21.0.0/16"))


def nothing(_: Checkout) -> None: ...


def other_database(request: Any) -> None:
    if request.type == types.DB_INSTANCE:
        request.object.fields["dbName"].string_value = "content"


def promotion(checkout: Checkout) -> None:
    new_image(checkout)
    checkout.run("up", "dev")
    digest = checkout.simulator.outputs("dev")["images"]["promptsvc"]
    assert Reference.parse(digest)
    checkout.edit("prod", lambda stack: stack["images"].update(promptsvc=digest))


def reorder(checkout: Checkout) -> None:
    for stack in ("dev", "prod"):
        checkout.edit(
            stack, lambda section: [section.update({key: section.pop(key)}) for key in sorted(section, reverse=True)]
        )
        file = checkout.root / f"Pulumi.{stack}.yaml"
        file.write_text(f"# a comment\n{file.read_text()}")
    change_entry(checkout, "mcp", calls=("promptsvc", "authsvc", "scrapsvc", "chatsvc"))


def exposure(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["ingress"].update({"allowed-cidrs": ["0.0.0.0/0"]}))


def protection_off(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update(protect=False))


def retention(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update({"log-retention-days": 7}))
    checkout.edit("prod", lambda stack: stack["database"].update({"backup-days": 1}))


def database_class(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack["database"].update({"class": "db.m7g.xlarge"}))


def permission(checkout: Checkout) -> None:
    change_entry(checkout, "authsvc", bucket=True)


def public_addresses(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress="public"))


def ten_more_services(checkout: Checkout) -> None:
    names = [f"worker{number:02}" for number in range(1, 11)]
    for name in names:
        shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / f"mrgnl-{name}")
    more = {name: Entry(name=name, port=9100 + number) for number, name in enumerate(names)}
    checkout.edit_services(lambda entries: entries.update(more))


def environment_of_all(checkout: Checkout) -> None:
    def change(entries: dict[str, Entry]) -> None:
        entries.update({name: replace(each, environment={"LOG_LEVEL": "debug"}) for name, each in entries.items()})

    checkout.edit_services(change)


def staging(checkout: Checkout) -> None:
    """A stack like prod, without its protection."""
    shutil.copy(checkout.root / "Pulumi.prod.yaml", checkout.root / "Pulumi.staging.yaml")

    def change(stack: dict[str, Any]) -> None:
        stack.update(protect=False, account="000000000002", bucket={"name": "marginalia-content-staging"})
        stack["ingress"].update(domain="staging.marginalia.sh")

    checkout.edit("staging", change)
    checkout.edit("dev", lambda stack: stack["build"].update(consumers=["000000000001", "000000000002"]))


def retention_of_staging(checkout: Checkout) -> None:
    size(checkout)
    checkout.edit("staging", lambda stack: stack.update({"log-retention-days": 30}))
    environment(checkout)


@dataclass(frozen=True)
class Case:
    change: Callable[[Checkout], None]
    """An edit of sources, stack files or services.py."""
    stacks: tuple[str, ...] = ("dev", "prod")
    base: Callable[[Checkout], None] | None = None
    """An edit that is deployed before the change."""
    registration: Callable[[Any], None] | None = None
    """An edit of a registration that the program sends to the engine."""


CASES = {
    "new-image": Case(new_image),
    "environment-changed": Case(environment, ("dev",)),
    "secret-added": Case(secret, ("dev",)),
    "size": Case(size, ("prod",)),
    "call-added": Case(call, ("dev",)),
    "service-added": Case(service_added, ("dev",)),
    "service-removed": Case(service_removed),
    "subnet-renumbered": Case(subnet_renumbered, ("dev",)),
    "database-replaced": Case(nothing, registration=other_database),
    "promotion": Case(promotion, ("prod",)),
    "reorder-and-comment-only": Case(reorder),
    "exposure": Case(exposure, ("dev",)),
    "protection-off": Case(protection_off, ("prod",)),
    "retention-shortened": Case(retention, ("prod",)),
    "database-class": Case(database_class, ("prod",)),
    "permission-wider": Case(permission, ("dev",)),
    "public-addresses": Case(public_addresses, ("dev",)),
    "many-at-once": Case(environment_of_all, ("dev",), base=ten_more_services),
    "three-stacks": Case(retention_of_staging, ("dev", "staging", "prod"), base=staging),
}


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
    case.change(head)
    if case.registration:
        registering(case.registration)
    changes = [
        trial.compared(stack, before.get(stack, []), trial.deploy(head.simulator, stack)) for stack in case.stacks
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
    assert [each.split("\n")[0] for each in found.errors] == ['unable to replace resource "database-instance"']
    assert content() == before


def test_the_working_tree_is_compared_with_a_commit_and_is_not_changed(head: Checkout) -> None:
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
    assert comparison.notes == ["requirements.txt differs: both commits ran with the installed packages."]
    assert git(head, "status", "--porcelain") == before


def test_the_sample_replaces_build_contexts_that_are_not_checked_out(head: Checkout) -> None:
    commit_all(head)
    shutil.rmtree(head.sources / "mrgnl-authsvc")
    shutil.rmtree(head.sources / "mrgnl-mcp")
    head.edit("dev", lambda stack: stack.update({"log-retention-days": 7}))
    comparison = command.compare(head.simulator, "HEAD", ["dev"])
    assert [headline(each) for each in comparison.stacks] == [
        "authsvc's log group, chatsvc's log group, mcp's log group, promptsvc's log group, scrapsvc's log group change,"
        " nothing is replaced"
    ]
    assert comparison.notes == [
        "Not checked out; image/sample was built instead, for both commits: ../mrgnl-authsvc, ../mrgnl-mcp."
    ]


def git(checkout: Checkout, *arguments: str) -> str:
    program = shutil.which("git")
    assert program
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    command = [program, "-C", str(checkout.root), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def commit_all(checkout: Checkout) -> None:
    git(checkout, "init", "--quiet")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "base")


def test_a_stack_file_with_another_account_moves_the_stack(head: Checkout) -> None:
    assert not trial.moves(head.simulator, "dev")
    head.edit("dev", lambda stack: stack.update(account="000000000007"))
    assert trial.moves(head.simulator, "dev")


def assert_golden(name: str, page: str) -> None:
    """Digests are replaced by numbers: every edit of the sample or the Dockerfile changes them."""
    file = GOLDEN / f"{name}.md"
    digests = list(dict.fromkeys(re.findall(DIGEST, page)))
    text = re.sub(DIGEST, lambda found: f"{digests.index(found[0]) + 1:012}", page)
    if RENEW in os.environ:
        file.write_text(text)
    before = file.read_text() if file.exists() else ""
    difference = "".join(difflib.unified_diff(before.splitlines(True), text.splitlines(True), file.name, "now"))
    assert text == before, (
        f"{difference}\nTo accept the new page: {RENEW}=1 .venv/bin/python -m pytest tests/engine/test_diff.py"
    )
