"""A deployed stack changes its egress mode: each subnet keeps its one association with a route table."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from simulator.graph import Graph
from tests.engine.conftest import Checkout, small


def routes(checkout: Checkout, egress: str) -> set[tuple[str, str]]:
    """The changes of associations in an update to this mode."""
    checkout.edit("dev", lambda stack: stack["network"].update(egress=egress))
    return {(operation, name) for operation, name in checkout.changed() if name.endswith("-routes")}


MOVED = {("update", f"network-private-us-east-1{zone}-routes") for zone in "ab"}


def test_a_stack_changes_to_a_nat_gateway_in_each_zone_and_back(pinned: Checkout) -> None:
    assert routes(pinned, "nat-per-zone") == MOVED
    assert routes(pinned, "endpoints") == MOVED
    assert routes(pinned, "public") == set()


@pytest.mark.parametrize(("egress", "changed"), [("nat-per-zone", set[tuple[str, str]]()), ("nat", MOVED)])
def test_a_stack_with_the_former_names_of_its_associations_keeps_them(
    checkout: Checkout, egress: str, changed: set[tuple[str, str]]
) -> None:
    small(checkout)
    checkout.edit("dev", lambda stack: stack["network"].update(egress="nat-per-zone"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Graph, "add", formerly_named(Graph.add))
        checkout.run("up")
    names = {each["urn"].rpartition("::")[2] for each in checkout.home.resources("dev")}
    assert {f"network-private-us-east-1{zone}-us-east-1{zone}-routes" for zone in "ab"} < names
    assert routes(checkout, egress) == changed


def formerly_named(add: Callable[[Graph, Any], None]) -> Callable[[Graph, Any], None]:
    """Registers the associations of private subnets with the names that they had with `nat-per-zone`."""

    def changed(graph: Graph, request: Any) -> None:
        if found := re.fullmatch(r"network-private-(.*)-routes", request.name):
            request.name = f"network-private-{found[1]}-{found[1]}-routes"
            del request.aliases[:]
        add(graph, request)

    return changed
