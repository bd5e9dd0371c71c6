"""Promise 5: an update never succeeds while ECS runs another revision than the requested one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator import report
from simulator.engine import Result
from simulator.faults import Fault, Faults
from tests.engine.conftest import Checkout
from tests.images import image, images

ROLLED_BACK = (
    "promptsvc: ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2; the deployment was rolled back. See the service's"
    " events and its log group. Updates fail until the requested revision runs."
)


def up(checkout: Checkout, fault: str) -> Result:
    return replace(checkout.simulator, faults=Faults((Fault(fault, "promptsvc"),))).run("up", "dev")


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_a_rollback_fails_the_update_and_a_fixed_image_ends_it(checkout: Checkout, fault: str) -> None:
    checkout.edit("dev", lambda stack: stack.update(images=images(["authsvc", "promptsvc"]), build=None))
    checkout.run("up")

    checkout.edit("dev", lambda stack: stack["images"].update(promptsvc=image("promptsvc", "b")))
    failed = up(checkout, fault)
    assert not failed.succeeded
    message = " ".join(failed.errors)
    assert "promptsvc" in message
    assert "mrgnl-promptsvc:1" in message
    assert "mrgnl-promptsvc:2" in message
    assert states(checkout) == {"authsvc": "steady", "promptsvc": "rolled back"}

    if fault == "rollback":  # the state has the requested revision: the next update has no difference
        again = checkout.simulator.run("up", "dev")
        assert not again.succeeded
        assert ROLLED_BACK in " ".join(again.errors)

    checkout.edit("dev", lambda stack: stack["images"].update(promptsvc=image("promptsvc", "c")))
    checkout.run("up")
    assert checkout.changed() == set()
    assert states(checkout) == {"authsvc": "steady", "promptsvc": "steady"}


def states(checkout: Checkout) -> dict[str, str]:
    return {row.service: row.state for row in report.services(checkout.home, "dev")}
