"""Who reaches whom: security group rules in pairs, with the names of components."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from simulator.aws import ec2
from simulator.diff.state import Resource, State

EVERYBODY = {"0.0.0.0/0": "the internet", "::/0": "the internet (IPv6)"}


@dataclass(frozen=True, kw_only=True, order=True)
class Connection:
    source: str
    target: str
    port: str
    """With the protocol, as `9001/tcp`."""

    def __str__(self) -> str:
        return f"{self.source} → {self.target} on {self.port}"


def connections(state: State) -> frozenset[Connection]:
    """What is allowed. Between two security groups of the stack it takes a rule on either side."""
    groups = {each.name: _owner(each) for each in state.of(ec2.SECURITY_GROUP)}
    sides: defaultdict[Connection, set[str]] = defaultdict(set)
    for rule in state.of(ec2.INGRESS_RULE, ec2.EGRESS_RULE):
        own = groups.get(str(rule.inputs.get("securityGroupId")), str(rule.inputs.get("securityGroupId")))
        other = _other(rule, groups)
        source, target = (own, other) if rule.type == ec2.EGRESS_RULE else (other, own)
        sides[Connection(source=source, target=target, port=_port(rule))].add(rule.type)
    owners = set(groups.values())
    return frozenset(
        each for each, found in sides.items() if len(found) == 2 or not {each.source, each.target} <= owners
    )


def _owner(group: Resource) -> str:
    return group.component if group.name == f"{group.component}-access-group" else group.name.removesuffix("-group")


def _other(rule: Resource, groups: dict[str, str]) -> str:
    inputs = rule.inputs
    if group := inputs.get("referencedSecurityGroupId"):
        return groups.get(str(group), str(group))
    where = str(inputs.get("cidrIpv4") or inputs.get("cidrIpv6") or inputs.get("prefixListId"))
    return EVERYBODY.get(where, where)


def _port(rule: Resource) -> str:
    first, last = rule.inputs.get("fromPort"), rule.inputs.get("toPort")
    protocol = str(rule.inputs.get("ipProtocol"))
    if protocol == "-1":
        return "every port"
    return f"{first}/{protocol}" if first == last else f"{first}-{last}/{protocol}"
