"""Every change of a stack file's keys either comes up, or is refused before anything changes with the way to do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from config.problems import UserError
from simulator import preflight
from tests.engine.conftest import Checkout

Stack = dict[str, Any]
Edit = Callable[[Stack], object]

CHAIN: dict[str, Edit] = {
    "a NAT gateway in each zone and a third zone": lambda stack: stack["network"].update(
        egress="nat-per-zone", zones=["us-east-1a", "us-east-1b", "us-east-1c"]
    ),
    "endpoints, a domain, a larger database": lambda stack: (
        stack["network"].update(egress="endpoints"),
        stack["ingress"].update({"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}),
        stack.update(database={"storage": 100, "multi-az": True, "backup-days": 7, "class": "db.m7g.large"}),
    ),
    "public addresses, another domain, no third zone": lambda stack: (
        stack["network"].update(egress="public", zones=["us-east-1a", "us-east-1b"]),
        stack["ingress"].update({"domain": "www.marginalia.sh"}),
    ),
    "one NAT gateway, no domain, Spot, insights, a probe, sizes, a redeploy, a retention": lambda stack: (
        stack["network"].update(egress="nat"),
        [stack["ingress"].pop(key) for key in ("domain", "zone-id")],
        stack["ingress"].update({"allowed-cidrs": ["203.0.113.0/24"]}),
        stack.update(spot=50, insights=True, probe=True, redeploy={"authsvc": 1}, architecture="arm64"),
        stack.update({"log-retention-days": 7, "sizes": {"default": {"cpu": 512, "memory": 1024, "max": 3}}}),
    ),
    "another prefix and bucket, protection": lambda stack: stack.update(
        prefix="other", bucket={"name": "marginalia-content-other"}, protect=True
    ),
}
"""Each from the one before."""


def test_changes_of_every_key_come_up_one_after_another(pinned: Checkout) -> None:
    for edit in CHAIN.values():
        pinned.edit("dev", edit)
        preflight.check(pinned.simulator, "up", "dev")
        pinned.run("up")
        assert pinned.changed("preview") == set()


REFUSED: dict[str, tuple[Edit, str]] = {
    "another range": (
        lambda stack: stack["network"].update(cidr="10.99.0.0/16"),
        "Create another stack: docs/howto/third-stack.md",
    ),
    "zones in another order": (
        lambda stack: stack["network"].update(zones=["us-east-1b", "us-east-1a"]),
        "Keep us-east-1a, us-east-1b in this order; add and remove at the end.",
    ),
}


@pytest.mark.parametrize(("edit", "remedy"), REFUSED.values(), ids=REFUSED)
def test_a_change_that_aws_refuses_is_refused_before_the_update_with_the_way_to_do_it(
    pinned: Checkout, edit: Edit, remedy: str
) -> None:
    pinned.edit("dev", edit)
    for operation in ("preview", "up"):
        with pytest.raises(UserError, match=remedy):
            preflight.check(pinned.simulator, operation, "dev")
