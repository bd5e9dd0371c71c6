"""What EC2 accepts as security group and rule. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.fields import is_simulated
from ecs import types
from simulator.aws import ranges, routes
from simulator.check import Checks
from simulator.cloud import Request, hint
from simulator.sdk import UNKNOWN

TEXT = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{%d,255}"
"""A name or a description: characters and length.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
LAST_PORT = 65535
PROTOCOLS = {"tcp": "6", "udp": "17", "icmp": "1", "icmpv6": "58", "all": "-1"}
"""The names of protocols and their numbers.
https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ec2/vpc_security_group.go"""

group = Checks[Request](types.SECURITY_GROUP)
rule = Checks[Request](f"{types.INGRESS_RULE}, {types.EGRESS_RULE}")


@group("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html", confirmed="botocore")
def group_is_described(request: Request) -> Iterator[str]:
    """A description has 1 to 255 of the characters a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*."""
    description = request.inputs.get("description", "Managed")
    if description != UNKNOWN and not re.fullmatch(TEXT % 1, str(description)):
        yield f"InvalidParameterValue: Invalid security group description: {description!r}"


@group("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html", confirmed="botocore")
def group_is_named(request: Request) -> Iterator[str]:
    """A name has 1 to 255 of these characters, does not begin with `sg-` and is not `default`."""
    name = request.inputs.get("name", "Managed")
    if name == UNKNOWN:
        return
    if str(name).lower() == "default":
        yield "InvalidParameterValue: Cannot use reserved security group name: default"
    elif not re.fullmatch(TEXT % 1, str(name)) or str(name).startswith("sg-"):
        yield f"InvalidParameterValue: Invalid security group name: {name!r}"


@rule("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html")
def rule_has_one_peer(request: Request) -> Iterator[str]:
    """A rule has exactly one peer."""
    if sum(bool(request.inputs.get(peer)) for peer in PEERS) != 1:
        yield f"InvalidParameterCombination: exactly one of {', '.join(PEERS)}"


# EC2 itself takes host bits. IPv4CIDRNetworkAddress:
# https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/framework/validators/cidr.go
@rule(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html",
    confirmed="provider",
)
def ranges_are_networks(request: Request) -> Iterator[str]:
    """A range is in CIDR notation, without host bits."""
    block = request.inputs.get("cidrIpv4")
    if ranges.is_malformed(block):
        yield f"InvalidParameterValue: CIDR block {block} is malformed"


@rule("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html", confirmed="nobody")
def prefix_lists_exist(request: Request) -> Iterator[str]:
    """A prefix list exists, or may exist outside of all stacks here in a real account."""
    prefixes = request.inputs.get("prefixListId")
    if prefixes in (None, "", UNKNOWN):
        return
    declared = request.visible(types.VPC_ENDPOINT, prefixListId=prefixes)
    # Outside of the simulated accounts an ID may be that of a list that nobody here declares.
    well_formed = re.fullmatch(r"pl-[0-9a-f]{8,17}", str(prefixes))
    if not declared and (is_simulated(request.account) or not well_formed):
        yield f"InvalidPrefixListID.NotFound: The prefix list ID '{prefixes}' does not exist"


@rule("https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html")
def peer_is_in_the_vpc(request: Request) -> Iterator[str]:
    """A referenced security group is in the VPC of the rule's own group; the simulator knows no peered VPC."""
    own, other = (
        routes.by_id(request, types.SECURITY_GROUP, request.inputs.get(key))
        for key in ("securityGroupId", "referencedSecurityGroupId")
    )
    if own and other and own.properties.get("vpcId") != other.properties.get("vpcId"):
        yield "InvalidGroup.NotFound: You have specified two resources that belong to different networks"


@rule("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html", confirmed="botocore")
def rule_has_a_protocol_and_ports(request: Request) -> Iterator[str]:
    """A protocol is tcp, udp, icmp, icmpv6, a number or -1. TCP and UDP have ports from 0 to 65535, the lower first.

    With -1 and other numbers EC2 takes any ports and ignores them.
    """
    value = request.inputs.get("ipProtocol")
    protocol = PROTOCOLS.get(str(value).lower(), str(value))
    if value == UNKNOWN:
        return
    if not re.fullmatch(r"-1|\d{1,3}", protocol) or int(protocol) > 255:
        yield f"InvalidParameterValue: Invalid value '{value}' for IP protocol. Unknown protocol."
    low, high = request.inputs.get("fromPort"), request.inputs.get("toPort")
    if protocol not in ("6", "17") or UNKNOWN in (low, high):
        return
    if low is None or high is None:
        yield "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange"
    elif not (0 <= low <= LAST_PORT and 0 <= high <= LAST_PORT):
        yield f"InvalidParameterValue: TCP/UDP port out of range ({low:.0f}:{high:.0f})"
    elif low > high:
        yield f"InvalidParameterValue: Invalid TCP/UDP port range ({low:.0f}:{high:.0f})"


@rule("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html")
def rule_is_described(request: Request) -> Iterator[str]:
    """A rule's description has up to 255 of the characters a-zA-Z0-9 ._-:/()#,@[]+=&;{}!$*."""
    description = request.inputs.get("description") or ""
    if description != UNKNOWN and not re.fullmatch(TEXT % 0, str(description)):
        yield f"InvalidParameterValue: Invalid rule description: {description!r}"


@rule("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html", confirmed="moto")
def rule_is_the_only_one(request: Request) -> Iterator[str]:
    """A group has no two rules of one direction that differ only in their descriptions."""
    same = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *PEERS)
    for other in request.all(request.token):
        if other.id != request.id and all(other.properties.get(key) == request.inputs.get(key) for key in same):
            yield f"InvalidPermission.Duplicate: {other.urn} is the same rule{hint(request, other)}"
