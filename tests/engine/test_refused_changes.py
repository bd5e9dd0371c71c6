"""A change of a stack file that AWS or Pulumi refuses is refused before the update, with the way to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.problems import UserError
from simulator import preflight
from tests.engine.conftest import Checkout

Edit = Callable[[dict[str, Any]], object]

REFUSED: dict[str, tuple[Edit, str]] = {
    "another range": (
        lambda stack: stack["network"].update(cidr="10.99.0.0/16"),
        "Create another stack: docs/howto/third-stack.md",
    ),
    "zones in another order": (
        lambda stack: stack["network"].update(zones=["us-east-1b", "us-east-1a"]),
        "Keep us-east-1a, us-east-1b in this order; add and remove at the end.",
    ),
    "less than a tenth of storage": (
        lambda stack: stack.update(database={"storage": 21, "max-storage": 21}),
        "Set 22 or more",
    ),
    "another bucket of a protected stack": (
        lambda stack: stack["bucket"].update(name="marginalia-content-other"),
        "would delete marginalia-content-dev, marginalia-content-dev-logs with its data, which is protected. Copy",
    ),
    "another prefix of a protected stack": (
        lambda stack: stack.update(prefix="other"),
        "would delete mrgnl with its data, which is protected. Copy the data, set `protect: false`",
    ),
}


def test_a_change_that_is_refused_has_a_message_with_the_way_to_do_it(pinned: Checkout) -> None:
    pinned.edit("dev", lambda stack: stack.update(protect=True))
    pinned.run("up")
    file = pinned.root / "Pulumi.dev.yaml"
    deployed = file.read_text()
    for edit, remedy in REFUSED.values():
        file.write_text(deployed)
        pinned.edit("dev", edit)
        for operation in ("preview", "up"):
            with pytest.raises(UserError, match=remedy):
                preflight.check(pinned.simulator, operation, "dev")


def test_another_account_of_a_deployed_stack_is_refused(pinned: Checkout) -> None:
    pinned.edit("dev", lambda stack: stack.update(account="111122223333"))
    with pytest.raises(UserError, match=r"deployed to account 000000000000.* Run `make destroy STACK=dev` first"):
        pinned.run("preview")
