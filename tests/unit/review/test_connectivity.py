from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from review.deployment import connectivity
from review.deployment.state import states
from review.render.headline import headline
from tests.unit.review.deployments import STACK, Raw, compared, component, references, resource

DATABASE = component("database", "marginalia:database:Database")
CHATSVC = component("chatsvc")


def group(name: str, parent: Raw) -> Raw:
    return resource(types.SECURITY_GROUP, name, parent)


def rule(type: str, name: str, own: Raw, peer: Raw | None = None, **inputs: Any) -> Raw:
    given = {"securityGroupId": own["id"], "ipProtocol": "tcp", "fromPort": 5432, "toPort": 5432, **inputs}
    groups = {"securityGroupId": own}
    if peer:
        given["referencedSecurityGroupId"] = peer["id"]
        groups["referencedSecurityGroupId"] = peer
    return resource(type, name, CHATSVC, given, **references(**groups))


def between(source: Raw, target: Raw) -> list[Raw]:
    """The egress and the ingress rule of a connection."""
    return [rule(types.EGRESS_RULE, "out", source, target), rule(types.INGRESS_RULE, "in", target, source)]


def shown(*resources: Raw) -> list[str]:
    _, state = states([], [STACK, *resources])
    return sorted(str(each) for each in connectivity.connections(state))


@pytest.mark.parametrize("names", [("chatsvc-access-group", "database-access-group"), ("one", "two"), ("x", "x")])
def test_a_connection_has_the_names_of_components_whatever_the_logical_names_of_the_groups(
    names: tuple[str, str],
) -> None:
    here, there = group(names[0], CHATSVC), group(names[1], DATABASE)
    assert shown(CHATSVC, DATABASE, here, there, *between(here, there)) == ["chatsvc → database on 5432/tcp"]


def test_a_connection_between_two_groups_needs_a_rule_on_either_side() -> None:
    here, there = group("here", CHATSVC), group("there", DATABASE)
    base = [CHATSVC, DATABASE, here, there]
    egress, ingress = between(here, there)
    assert compared(base, [*base, egress], ("create", egress)).reachable == ()
    changes = compared(base, [*base, egress, ingress], ("create", egress), ("create", ingress))
    assert [str(each) for each in changes.reachable] == ["chatsvc → database on 5432/tcp"]
    assert headline(changes) == "chatsvc newly reaches database"
    back = compared([*base, egress, ingress], base, ("delete", egress), ("delete", ingress))
    assert [str(each) for each in back.unreachable] == ["chatsvc → database on 5432/tcp"]


def test_two_groups_of_one_component_have_the_names_of_their_innermost_components() -> None:
    access = component("chatsvc-access", "marginalia:network:Access", CHATSVC)
    files = component("chatsvc-files", "marginalia:network:Access", CHATSVC)
    here, there = group("a", access), group("b", files)
    connection = between(here, there)
    assert shown(CHATSVC, access, files, here, there, *connection) == ["chatsvc-access → chatsvc-files on 5432/tcp"]


def test_the_group_of_vpc_endpoints_has_the_name_of_its_innermost_component() -> None:
    network = component("network", "marginalia:network:Network")
    endpoints = component("network-endpoints", "marginalia:network:Access", network)
    here, there = group("here", CHATSVC), group("x", endpoints)
    endpoint = resource(types.VPC_ENDPOINT, "ecr", network, **references(securityGroupIds=there))
    connection = between(here, there)
    assert shown(CHATSVC, network, endpoints, here, there, endpoint, *connection) == [
        "chatsvc → network-endpoints on 5432/tcp"
    ]


def test_two_groups_of_one_innermost_component_have_their_logical_names() -> None:
    here, there = group("a", CHATSVC), group("b", CHATSVC)
    assert shown(CHATSVC, here, there, *between(here, there)) == ["a → b on 5432/tcp"]


def test_a_group_outside_the_stack_is_shown_by_its_id_and_one_rule_is_enough() -> None:
    here = group("here", CHATSVC)
    egress = rule(types.EGRESS_RULE, "out", here, referencedSecurityGroupId="sg-other")
    assert shown(CHATSVC, here, egress) == ["chatsvc → sg-other on 5432/tcp"]


def test_a_new_connection_from_the_internet_is_in_the_headline() -> None:
    target = group("group", DATABASE)
    opened = rule(types.INGRESS_RULE, "open", target, cidrIpv4="0.0.0.0/0", ipProtocol="-1")
    changes = compared([DATABASE, target], [DATABASE, target, opened], ("create", opened))
    assert [str(each) for each in changes.reachable] == ["the internet → database on every port"]
    assert headline(changes) == "the internet newly reaches database"


def test_a_connection_that_a_wider_one_allows_is_neither_new_nor_gone() -> None:
    access = group("group", CHATSVC)
    narrow, wide = (rule(types.INGRESS_RULE, cidr, access, cidrIpv4=cidr) for cidr in ("203.0.113.0/24", "0.0.0.0/0"))
    widened = compared([CHATSVC, access, narrow], [CHATSVC, access, wide], ("create", wide), ("delete", narrow))
    narrowed = compared([CHATSVC, access, wide], [CHATSVC, access, narrow], ("create", narrow), ("delete", wide))
    assert ([str(each) for each in widened.reachable], widened.unreachable) == (
        ["the internet → chatsvc on 5432/tcp"],
        (),
    ), "nobody loses access"
    assert (narrowed.reachable, [str(each) for each in narrowed.unreachable]) == (
        (),
        ["the internet → chatsvc on 5432/tcp"],
    ), "nobody gains access"
