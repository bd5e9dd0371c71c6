"""The resources that a change of the stack file or the catalogue changes, and no others."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from pulumi import automation as auto

from config.catalogue import Entry
from ecs import types
from simulator import report
from simulator.faults import Fault, Faults
from simulator.home import Home
from tests.declared import CATALOGUE
from tests.engine.conftest import VISIBLE, Checkout, deployed_once
from tests.images import image, images

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"
NAMES = ("authsvc", "chatsvc", "mcp")
"""Two services with the database, one of which has a secret, and their caller without."""
IMAGES = images(NAMES)


@pytest.fixture(scope="session")
def pinned_home(tmp_path_factory: pytest.TempPathFactory, cli: auto.PulumiCommand) -> Home:
    return deployed_once("secret", tmp_path_factory, cli, with_a_secret)


@pytest.fixture
def pinned(checkout: Checkout, pinned_home: Home) -> Checkout:
    """A deployed stack with pinned images and a secret for authsvc."""
    with_a_secret(checkout)
    shutil.copytree(pinned_home.path, checkout.home.path)
    return checkout


def with_a_secret(checkout: Checkout) -> None:
    checkout.edit_services(
        lambda entries: entries.update(authsvc=replace(entries["authsvc"], secrets=("SIGNING_KEY",)))
    )
    pin(checkout)
    secrets = {"authsvc": {"SIGNING_KEY": f"{SECRET}:::v1"}}
    checkout.edit("dev", lambda stack: stack.update(secrets=secrets))


def pin(checkout: Checkout) -> None:
    checkout.keep_services(*NAMES)
    checkout.edit("dev", lambda stack: stack.update(images=dict(IMAGES), build=None))


def rolls(*names: str) -> set[tuple[str, str]]:
    """The steps in which exactly these services are deployed again."""
    return {("replace", f"{name}-task-definition") for name in names} | {
        ("update", f"{name}-service") for name in names
    }


def test_a_size_a_secret_version_and_the_password_revision_each_deploy_only_the_services_that_use_them(
    pinned: Checkout,
) -> None:
    pinned.edit("dev", lambda stack: stack.update(sizes={"chatsvc": {"cpu": 512, "memory": 1024}}))
    assert pinned.changed() == rolls("chatsvc")

    pinned.edit("dev", lambda stack: stack.update(secrets={"authsvc": {"SIGNING_KEY": f"{SECRET}:::v2"}}))
    assert pinned.changed() == rolls("authsvc")

    pinned.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    assert pinned.changed() == rolls(*(entry.name for entry in CATALOGUE if entry.database and entry.name in NAMES)) | {
        ("replace", "database-password"),
        ("update", "database-instance"),
        ("update", "database-confirmed-password"),
        ("replace", "database-url-version"),
    }


def test_a_service_added_to_the_catalogue_creates_only_its_own_resources(pinned: Checkout) -> None:
    """Promise 1."""
    latesvc = Entry(name="latesvc", port=9999, database=True)
    pinned.edit_services(lambda entries: entries.update(latesvc=latesvc))
    pinned.edit("dev", lambda stack: stack["images"].update(latesvc=image("latesvc")))
    changed = pinned.changed()
    assert {operation for operation, _ in changed} == {"create"}
    assert {name.split("-")[0] for _, name in changed} == {"latesvc"}
    assert ("create", "latesvc-service") in changed


def test_a_reordered_stack_file_with_comments_changes_nothing(pinned: Checkout) -> None:
    file = pinned.root / "Pulumi.dev.yaml"
    file.write_text(f"# a comment\n{file.read_text()}\n# another one\n")
    pinned.edit("dev", lambda stack: [stack.update({key: stack.pop(key)}) for key in sorted(stack, reverse=True)])
    assert pinned.changed("preview") == set()


def test_more_spot_capacity_updates_services_in_place(pinned: Checkout) -> None:
    for percent in (50, 0):
        pinned.edit("dev", lambda stack, percent=percent: stack.update(spot=percent))
        assert pinned.changed() == {("update", f"{name}-service") for name in IMAGES}


def test_spot_capacity_ends_with_0_and_not_without_the_key(pinned: Checkout) -> None:
    pinned.edit("dev", lambda stack: stack.update(spot=50))
    pinned.run("up")
    pinned.edit("dev", lambda stack: stack.pop("spot"))
    refused = pinned.simulator.run("preview", "dev")
    assert not refused.succeeded
    assert "force_new_deployment should be true" in " ".join(refused.errors)


def test_a_redeploy_number_deploys_only_its_service_and_its_removal_deploys_nothing(pinned: Checkout) -> None:
    for number in (1, 2):
        pinned.edit("dev", lambda stack, number=number: stack.update(redeploy={"chatsvc": number}))
        assert pinned.changed() == {("update", "chatsvc-service")}
    pinned.edit("dev", lambda stack: stack.pop("redeploy"))
    assert not rolls_out(pinned, "chatsvc")


def test_another_count_of_a_service_that_does_not_scale_deploys_no_task_again(pinned: Checkout) -> None:
    pinned.edit("dev", lambda stack: stack.update(sizes={"chatsvc": {"min": 1, "max": 1}}))
    pinned.run("up")
    pinned.edit("dev", lambda stack: stack.update(sizes={"chatsvc": {"min": 2, "max": 2}}))
    assert not rolls_out(pinned, "chatsvc")
    assert [row.tasks for row in report.services(pinned.home, "dev") if row.service == "chatsvc"] == [2]


def rolls_out(checkout: Checkout, service: str) -> bool:
    """Whether the update, which changes only the ECS service, deploys its tasks again: a rollback is played if so."""
    faults = Faults((Fault("rollback", service),))
    done = replace(checkout.simulator, faults=faults).run("up", "dev")
    assert [step.name for step in done.steps if step.operation in VISIBLE] == [f"{service}-service"]
    return not faults.missed


def test_another_port_of_the_gateway_keeps_its_target_group_and_opens_both_ports_until_no_task_uses_the_former_one(
    pinned: Checkout,
) -> None:
    pinned.edit_services(lambda entries: entries.update(mcp=replace(entries["mcp"], port=8081)))
    done = [(step.operation, step.name) for step in pinned.run("up").steps]
    rules = [f"mcp-access-from-ingress-{direction}" for direction in ("egress", "ingress")]
    assert {each for each in done if each[0] in VISIBLE} == rolls("mcp") | {("replace", rule) for rule in rules}
    service = done.index(("update", "mcp-service"))
    for rule in rules:
        assert done.index(("create-replacement", rule)) < service < done.index(("delete-replaced", rule))


def test_an_update_with_refresh_creates_again_what_somebody_deleted(pinned: Checkout) -> None:
    pinned.forget(types.LOG_GROUP, "/ecs/mrgnl-authsvc")
    assert pinned.changed() == set()
    refreshing = replace(pinned.simulator, refresh=True).run("up", "dev")
    assert [(step.operation, step.name) for step in refreshing.steps if step.operation == "create"] == [
        ("create", "authsvc-task-logs")
    ]


@pytest.mark.parametrize("egress", ["public", "endpoints"])
def test_routes_and_endpoints_exist_before_the_first_task_starts(checkout: Checkout, egress: str) -> None:
    """The other two egress modes are those of dev and prod."""
    pin(checkout)
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    checkout.run("up")
