"""What a change in the stack file or the catalogue changes on the engine, and what it leaves alone."""

from __future__ import annotations

import pytest

from services import CATALOGUE
from tests.engine.conftest import Checkout

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"
IMAGES = {
    name: f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:{'a' * 64}" for name in CATALOGUE.names
}


@pytest.fixture
def pinned(checkout: Checkout) -> Checkout:
    """A stack of pinned services, with a secret of its own for authsvc, up."""
    services = checkout.root / "services.py"
    services.write_text(
        services.read_text().replace(
            'Entry(name="authsvc", port=9001, database=True)',
            'Entry(name="authsvc", port=9001, database=True, secrets=("SIGNING_KEY",))',
        )
    )
    secrets = {"authsvc": {"SIGNING_KEY": f"{SECRET}:::v1"}}
    checkout.edit("dev", lambda stack: stack.update(images=dict(IMAGES), build=None, secrets=secrets))
    checkout.run("up")
    return checkout


def rolls(*names: str) -> set[tuple[str, str]]:
    """What it is on the engine that exactly these services roll."""
    return {("replace", f"{name}-task-definition") for name in names} | {
        ("update", f"{name}-service") for name in names
    }


def test_a_size_an_outside_secret_and_the_passwords_revision_each_roll_exactly_the_services_that_they_touch(
    pinned: Checkout,
) -> None:
    pinned.edit("dev", lambda stack: stack.update(sizes={"chatsvc": {"cpu": 512, "memory": 1024}}))
    assert pinned.changed() == rolls("chatsvc", "promptsvc")  # promptsvc loses the size that dev gives it

    pinned.edit("dev", lambda stack: stack.update(secrets={"authsvc": {"SIGNING_KEY": f"{SECRET}:::v2"}}))
    assert pinned.changed() == rolls("authsvc")

    pinned.edit("dev", lambda stack: stack.update(database={"password-revision": 2}))
    assert pinned.changed() == rolls(*(entry.name for entry in CATALOGUE if entry.database)) | {
        ("replace", "database-password"),
        ("update", "database-instance"),
        ("replace", "database-url-version"),
    }


def test_a_service_added_to_the_catalogue_adds_exactly_its_own(pinned: Checkout) -> None:
    """Promise 1."""
    services = pinned.root / "services.py"
    services.write_text(
        services.read_text().replace(
            'Entry(name="chatsvc"', 'Entry(name="latesvc", port=9999, database=True),\n        Entry(name="chatsvc"'
        )
    )
    image = IMAGES["mcp"].replace("mrgnl-mcp", "mrgnl-latesvc")
    pinned.edit("dev", lambda stack: stack["images"].update(latesvc=image))
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
    pinned.edit("dev", lambda stack: stack.update(spot=50))
    assert pinned.changed() == {("update", f"{name}-service") for name in IMAGES}


@pytest.mark.parametrize("egress", ["public", "endpoints"])
def test_every_way_out_is_there_before_the_first_task_starts(checkout: Checkout, egress: str) -> None:
    """The other two ways out are dev's and prod's."""
    checkout.edit("dev", lambda stack: stack.update(images=dict(IMAGES), build=None))
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    checkout.run("up")
