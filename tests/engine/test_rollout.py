"""Promise 5: an update is never green while ECS runs another revision than the requested one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator import report
from simulator.engine import Result
from tests.engine.conftest import Checkout

ROLLED_BACK = (
    "promptsvc: ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2 as asked: the rollout was rolled back."
    " The service's events and its log group say why. This check fails until what was asked for runs."
)


def up(checkout: Checkout, fault: str) -> Result:
    return replace(checkout.simulator, faults={"promptsvc": fault}).run("up", "dev")


@pytest.mark.parametrize("fault", ["rollback", "silent-rollback"])
def test_a_rollback_fails_this_update_and_each_later_one_until_a_fixed_image_runs(
    checkout: Checkout, fault: str
) -> None:
    checkout.edit("dev", lambda stack: stack.update(images=pinned("a"), build=None))
    checkout.run("up")

    checkout.edit("dev", lambda stack: stack["images"].update(promptsvc=pinned("b")["promptsvc"]))
    failed = up(checkout, fault)
    assert not failed.succeeded
    told = " ".join(failed.errors)
    assert "promptsvc" in told
    assert "mrgnl-promptsvc:1" in told
    assert "mrgnl-promptsvc:2" in told
    assert states(checkout) == {"authsvc": "steady", "promptsvc": "rolled back"}

    again = checkout.simulator.run("up", "dev")
    assert not again.succeeded
    assert ROLLED_BACK in " ".join(again.errors)

    checkout.edit("dev", lambda stack: stack["images"].update(promptsvc=pinned("c")["promptsvc"]))
    checkout.run("up")
    assert checkout.changed() == set()
    assert states(checkout) == {"authsvc": "steady", "promptsvc": "steady"}


def states(checkout: Checkout) -> dict[str, str]:
    return {row.service: row.state for row in report.services(checkout.home, "dev")}


def pinned(letter: str) -> dict[str, str]:
    """Images in an account that is not simulated, whose images are taken as they are named."""
    return {
        name: f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:{letter * 64}"
        for name in ("authsvc", "promptsvc")
    }
