"""A preview refuses what it can know to fail, with the message of the update."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pulumi import RunError

from config.catalogue import Entry
from ecs import types
from simulator import preflight, secrets
from simulator.engine import Operation
from simulator.store import Object
from tests.declared import STACKS
from tests.engine.conftest import Checkout
from tests.images import image, images

MAIL = Entry(name="mailsvc", port=9005, secrets=("SMTP_PASSWORD",))
ARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:smtp-password-AbCdEf"
DEV = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-authsvc@sha256:"


def attempt(checkout: Checkout, operation: Operation, stack: str = "dev") -> str:
    """The errors of a preview or an update, as the command line runs it; empty if it succeeds."""
    simulated = checkout.simulator
    try:
        preflight.check(simulated, operation, stack)
        result = simulated.run(operation, stack)
    except RunError as error:
        return str(error)
    assert result.succeeded == (not result.errors)
    return "\n".join(result.messages)


def taken(kind: str, id: str, **properties: str) -> Callable[[Checkout], None]:
    """Creates an object that does not belong to the stack, with a name that the stack requires."""

    def create(checkout: Checkout) -> None:
        given = {"account": "000000000000", "region": "us-east-1", "urn": "", "run": ""}
        with checkout.home.store() as store:
            store.put(Object(kind=kind, id=id, properties=properties, **given))

    return create


def stack(**changes: Any) -> Callable[[Checkout], None]:
    return lambda checkout: checkout.edit("dev", lambda stack: stack.update(changes))


def pinned(digest: str = "", **others: str) -> Callable[[Checkout], None]:
    pins = {**images(["authsvc"]), **({"authsvc": f"{DEV}{digest}"} if digest else {}), **others}
    return stack(build=None, images=pins)


def with_secret(arn: str = ARN, *, database: bool = False) -> Callable[[Checkout], None]:
    def change(checkout: Checkout) -> None:
        checkout.edit_services(lambda entries: entries.update(mailsvc=replace(MAIL, database=database)))
        checkout.edit("dev", lambda stack: stack.update(secrets={"mailsvc": {"SMTP_PASSWORD": arn}}))

    return change


BAD: dict[str, tuple[Callable[[Checkout], None], str]] = {
    "a secret that does not exist": (with_secret(), "has no secret"),
    "a secret beside a database": (with_secret(database=True), "has no secret"),
    "a secret of the other account": (with_secret(ARN.replace("000:secret", "001:secret")), "has no secret"),
    "a secret of another region": (with_secret(ARN.replace("us-east-1", "eu-west-1")), "has no secret"),
    "a pinned image that does not exist": (pinned("a" * 64), "not found"),
    "a bucket's name that is taken": (taken(types.BUCKET, "marginalia-content-dev", bucket="marginalia-content-dev"),
                                      "bucket 'marginalia-content-dev' is taken"),
    "a log group that exists": (taken(types.LOG_GROUP, "/ecs/mrgnl-mcp", name="/ecs/mrgnl-mcp", arn="arn"),
                                "name '/ecs/mrgnl-mcp' is taken"),
    "a database's name that is taken": (taken(types.DB_INSTANCE, "db-1", identifier="mrgnl", arn="arn"),
                                        "identifier 'mrgnl' is taken"),
    "a wrong key": (stack(buckte={}), "no such key"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), BAD.values(), ids=BAD)
def test_a_bad_change_is_refused_by_the_preview_with_the_message_of_the_update(
    checkout: Checkout, change: Callable[[Checkout], None], message: str
) -> None:
    change(checkout)
    refused = attempt(checkout, "preview")
    assert message in refused
    assert refused == attempt(checkout, "up")


GOOD: dict[str, Callable[[Checkout], None]] = {
    "a secret of an account that is not simulated": with_secret(ARN.replace("0" * 12, "111122223333")),
    "a pinned image of an account that is not simulated": pinned(),
    "no way out but endpoints": lambda checkout: checkout.edit(
        "dev", lambda stack: stack["network"].update(egress="endpoints")
    ),
}


@pytest.mark.parametrize("change", GOOD.values(), ids=GOOD)
def test_a_good_change_is_refused_by_neither(checkout: Checkout, change: Callable[[Checkout], None]) -> None:
    change(checkout)
    assert attempt(checkout, "preview") == ""
    assert not checkout.stored(), "a preview changes nothing"
    assert attempt(checkout, "up") == ""
    assert attempt(checkout, "preview") == ""


def test_a_secret_that_was_created_lets_the_service_start_and_stays_when_the_stack_is_deleted(
    checkout: Checkout,
) -> None:
    arn = created(checkout, "dev")
    with_secret(arn)(checkout)
    assert (attempt(checkout, "preview"), attempt(checkout, "up")) == ("", "")
    checkout.run("destroy")
    assert list(secrets.listed(checkout.home)) == [arn]
    assert attempt(checkout, "preview") == ""


def created(checkout: Checkout, stack: str) -> str:
    """The ARN of a new secret of the stack's account."""
    lines = list(secrets.lines(checkout.home, checkout.simulator.program, stack, "smtp-password"))
    return lines[1].strip()


def runs_mcp(dev: Checkout) -> None:
    """Prod runs dev's images."""
    pins = dev.simulator.outputs("dev")["images"]
    dev.edit("prod", lambda stack: stack.update(images=pins))
    dev.run("up", "prod")


def test_dev_keeps_the_repositories_whose_images_prod_runs(dev: Checkout) -> None:
    runs_mcp(dev)
    before = dev.stored()
    names = "mrgnl-authsvc, mrgnl-chatsvc, mrgnl-mcp, mrgnl-promptsvc, mrgnl-scrapsvc"
    assert attempt(dev, "destroy") == (
        f"dev: prod runs images of {names}, which this would delete. Delete prod first: make destroy STACK=prod"
    )
    dev.edit_services(lambda entries: remove(entries, "scrapsvc"))
    dev.edit("prod", lambda stack: stack["images"].pop("scrapsvc"))  # not deployed yet
    refused = (
        "dev: prod runs images of mrgnl-scrapsvc, which this would delete. Remove the services from Pulumi.prod.yaml"
        " and run `make up STACK=prod` first: docs/howto/remove-a-service.md"
    )
    assert attempt(dev, "preview") == attempt(dev, "up") == refused
    dev.edit("dev", lambda stack: stack.update(prefix="other"))
    assert "prod runs images of mrgnl-authsvc, mrgnl-chatsvc" in attempt(dev, "preview")
    assert dev.stored() == before
    dev.edit("dev", lambda stack: stack.pop("prefix"))
    assert attempt(dev, "up", "prod") == ""
    assert attempt(dev, "up") == ""


def remove(entries: dict[str, Entry], name: str) -> None:
    del entries[name]
    entries["mcp"] = replace(entries["mcp"], calls=tuple(each for each in entries["mcp"].calls if each != name))


def test_an_image_that_prods_account_may_not_pull_is_refused_before_anything_changes(dev: Checkout) -> None:
    pins = dev.simulator.outputs("dev")["images"]
    dev.edit("prod", lambda stack: stack.update(images=pins))
    dev.edit("dev", lambda stack: stack["build"].update(consumers=[]))
    dev.run("up")
    before = dev.stored()
    assert "does not let account 000000000001 pull" in attempt(dev, "preview", "prod")
    assert attempt(dev, "preview", "prod") == attempt(dev, "up", "prod")
    assert dev.stored() == before


@pytest.mark.parametrize("stack", sorted(path.name.split(".")[1] for path in STACKS.glob("Pulumi.*.yaml")))
def test_the_tests_own_stacks_pass_a_preview_and_an_update(checkout: Checkout, stack: str) -> None:
    assert (attempt(checkout, "preview", stack), attempt(checkout, "up", stack)) == ("", "")


def test_an_image_for_another_architecture_is_refused_by_both(dev: Checkout) -> None:
    pins = {"authsvc": dev.simulator.outputs("dev")["images"]["authsvc"]}
    dev.edit("prod", lambda stack: stack.update(images=pins, architecture="arm64"))
    refused = attempt(dev, "preview", "prod")
    assert "was built for linux/amd64, not for linux/arm64" in refused
    assert refused == attempt(dev, "up", "prod")


def test_an_image_of_an_account_that_is_not_simulated_needs_no_push(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update(images={"authsvc": image("authsvc")}))
    assert attempt(checkout, "preview", "prod") == ""
