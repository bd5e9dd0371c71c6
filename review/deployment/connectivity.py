"""Reads from the security group rules which component may reach which other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from ecs import types
from review.deployment.state import Resource, State

Network = IPv4Network | IPv6Network
INTERNET = {"0.0.0.0/0": "the internet", "::/0": "the internet (IPv6)"}
SECURITY_GROUPS = {
    types.SERVICE: "networkConfiguration",
    types.LOAD_BALANCER: "securityGroups",
    types.DB_INSTANCE: "vpcSecurityGroupIds",
    types.VPC_ENDPOINT: "securityGroupIds",
}
"""The property of each type that names its security groups."""


@dataclass(frozen=True, kw_only=True, order=True)
class Connection:
    source: str
    target: str
    port: str
    """With the protocol, as `9001/tcp`."""

    def __str__(self) -> str:
        return f"{self.source} → {self.target} on {self.port}"


def connections(state: State) -> frozenset[Connection]:
    """The allowed connections. One between two security groups of the stack needs an ingress and an egress rule."""
    names = _names(state)
    sides: defaultdict[Connection, set[str]] = defaultdict(set)
    for rule in state.of(types.INGRESS_RULE, types.EGRESS_RULE):
        own, peer = _group(state, rule, "securityGroupId", names), _peer(state, rule, names)
        source, target = (own, peer) if rule.type == types.EGRESS_RULE else (peer, own)
        sides[Connection(source=source, target=target, port=_port(rule))].add(rule.type)
    inside = set(names.values())
    return frozenset(
        each for each, found in sides.items() if len(found) == 2 or not {each.source, each.target} <= inside
    )


def names_of(state: State, resource: Resource) -> frozenset[str]:
    """The names under which a resource appears in connections: those of its security groups."""
    names = _names(state)
    return frozenset(
        names[group.urn] for group in state.referenced(resource, SECURITY_GROUPS[resource.type], types.SECURITY_GROUP)
    )


def _names(state: State) -> dict[str, str]:
    """By URN of a security group: the outermost component that has no other group, or else the innermost one.

    VPC endpoints always go by the innermost component: the outermost one is the whole network.
    """
    groups = state.of(types.SECURITY_GROUP)
    outermost, innermost = Counter(each.component for each in groups), Counter(each.parent for each in groups)
    of_endpoints = {
        group.urn
        for endpoint in state.of(types.VPC_ENDPOINT)
        for group in state.referenced(endpoint, SECURITY_GROUPS[types.VPC_ENDPOINT], types.SECURITY_GROUP)
    }
    names: dict[str, str] = {}
    for each in groups:
        if each.component and outermost[each.component] == 1 and each.urn not in of_endpoints:
            names[each.urn] = each.component
        else:
            names[each.urn] = each.parent if each.parent and innermost[each.parent] == 1 else each.name
    return names


def _group(state: State, rule: Resource, property: str, names: Mapping[str, str]) -> str:
    """The name of a security group; the id of one outside the stack."""
    found = state.referenced(rule, property, types.SECURITY_GROUP)
    return names[found[0].urn] if found else str(rule.inputs.get(property))


def _peer(state: State, rule: Resource, names: Mapping[str, str]) -> str:
    inputs = rule.inputs
    if inputs.get("referencedSecurityGroupId"):
        return _group(state, rule, "referencedSecurityGroupId", names)
    address = str(inputs.get("cidrIpv4") or inputs.get("cidrIpv6") or inputs.get("prefixListId"))
    return INTERNET.get(address, address)


def _port(rule: Resource) -> str:
    first, last = rule.inputs.get("fromPort"), rule.inputs.get("toPort")
    protocol = str(rule.inputs.get("ipProtocol"))
    if protocol == "-1":
        return "every port"
    return f"{first}/{protocol}" if first == last else f"{first}-{last}/{protocol}"


def beyond(found: Iterable[Connection], others: Iterable[Connection]) -> frozenset[Connection]:
    """Without what another connection allows, too: 203.0.113.0/24 is not closed while 0.0.0.0/0 is open."""
    others = list(others)
    return frozenset(each for each in found if not any(covers(other, each) for other in others))


def network(source: str) -> Network | None:
    """The addresses of a connection's source; None if it is no network."""
    address = next((cidr for cidr, name in INTERNET.items() if name == source), source)
    try:
        return ip_network(address, strict=False)
    except ValueError:
        return None


def within(inner: Network, outer: Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)


def covers(old: Connection, new: Connection) -> bool:
    """Whether the old connection allows whatever the new one does."""
    if old.target != new.target or not _includes(old.port, new.port):
        return False
    outer, inner = network(old.source), network(new.source)
    return old.source == new.source or (outer is not None and inner is not None and within(inner, outer))


def _includes(old: str, new: str) -> bool:
    if old in (new, "every port"):
        return True
    if new == "every port" or old.rpartition("/")[2] != new.rpartition("/")[2]:
        return False
    (first, last), (low, high) = (_range(each) for each in (old, new))
    return first <= low and high <= last


def _range(port: str) -> tuple[int, int]:
    first, _, last = port.rpartition("/")[0].partition("-")
    try:
        return int(first), int(last or first)
    except ValueError:
        return 0, -1
