"""What security groups let through.

https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from ecs import network, types
from simulator.aws import ranges, routes
from simulator.cloud import Request, as_list
from simulator.store import Object, Properties

INTERNET = IPv4Network(network.INTERNET)
ALL_PROTOCOLS = ("-1", "all")
TCP = ("tcp", "6", *ALL_PROTOCOLS)


@dataclass(frozen=True, kw_only=True)
class End:
    """Network interfaces at one end of a connection."""

    name: str
    """The words for it in a message."""
    groups: list[str]
    """The IDs of the security groups. Without any, AWS takes the default group of the VPC."""
    subnets: list[str]
    prefix_list: str | None = None
    """The prefix list with the addresses, instead of subnets."""
    blocks: tuple[IPv4Network, ...] = ()
    """The addresses, instead of subnets."""

    def addresses(self, request: Request) -> list[IPv4Network]:
        """Every address that an interface may have."""
        found = [each for each in request.visible(types.SUBNET) if each.id in self.subnets]
        return [*ranges.parsed(each.properties.get("cidrBlock") for each in found), *self.blocks]

    def describe(self, request: Request) -> str:
        """The logical names of the security groups."""
        return ", ".join(routes.named(request, types.SECURITY_GROUP, each) for each in self.groups)


def problem(request: Request, source: End, target: End, port: int) -> str | None:
    """Why a TCP connection from one end to the other on this port does not pass; None if it passes."""
    if not allows(request, types.EGRESS_RULE, source, target, port):
        return f"no egress rule of {source.describe(request)} lets {source.name} reach {target.name} on port {port}"
    if not target.prefix_list and not target.blocks and not allows(request, types.INGRESS_RULE, target, source, port):
        groups = target.describe(request) or "the default security group"
        return f"no ingress rule of {groups} admits {source.name} to {target.name} on port {port}"
    return None


def allows(request: Request, direction: str, own: End, peer: End, port: int) -> bool:
    """Whether the rules of one end, of one direction, let the other end through on this TCP port."""
    if not own.groups:  # a default group lets everything out, and in only its own members
        return direction == types.EGRESS_RULE or not peer.groups
    rules = [each for each in _rules(request, direction, own.groups) if _has_port(each, port)]
    if any(_group(each) in peer.groups for each in rules if _group(each)):
        return True
    if peer.prefix_list and any(each.get("prefixListId") == peer.prefix_list for each in rules):
        return True
    admitted = ranges.parsed(each.get("cidrIpv4") for each in rules)
    blocks = peer.addresses(request)
    return bool(blocks) and all(ranges.covers(admitted, each) for each in blocks)


def admits_somebody(request: Request, groups: list[str], port: int) -> bool:
    """Whether a rule lets anybody in on this TCP port."""
    return any(_has_port(each, port) for each in _rules(request, types.INGRESS_RULE, groups))


def _rules(request: Request, direction: str, groups: list[str]) -> Iterator[Properties]:
    """The rules of these groups: resources of their own, and those in the group itself."""
    for rule in request.visible(direction):
        if rule.properties["securityGroupId"] in groups:
            yield rule.properties
    key = "egress" if direction == types.EGRESS_RULE else "ingress"
    for group in request.visible(types.SECURITY_GROUP):
        if group.id in groups:
            for inline in as_list(group.properties.get(key)):
                yield from _inline(group, inline)


def _inline(group: Object, rule: Mapping[str, Any]) -> Iterator[Properties]:
    """The rules that one inline rule stands for.

    https://www.pulumi.com/registry/packages/aws/api-docs/ec2/securitygroup/
    """
    shared = {"ipProtocol": rule.get("protocol"), "fromPort": rule.get("fromPort"), "toPort": rule.get("toPort")}
    own = [group.id] if rule.get("self") else []
    for key, values in (
        ("cidrIpv4", as_list(rule.get("cidrBlocks"))),
        ("referencedSecurityGroupId", [*as_list(rule.get("securityGroups")), *own]),
        ("prefixListId", as_list(rule.get("prefixListIds"))),
    ):
        for value in values:
            yield {**shared, key: value}


def _group(rule: Properties) -> str | None:
    """The referenced group, `[account/]group`."""
    referenced = rule.get("referencedSecurityGroupId")
    return str(referenced).split("/")[-1] if referenced else None


def _has_port(rule: Properties, port: int) -> bool:
    """Whether a rule is for this TCP port. A rule for all protocols is for all ports, whatever range it gives.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
    """
    protocol = str(rule.get("ipProtocol")).lower()
    if protocol in ALL_PROTOCOLS:
        return True
    low, high = rule.get("fromPort"), rule.get("toPort")
    return protocol in TCP and low is not None and high is not None and low <= port <= high
