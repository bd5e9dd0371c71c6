"""A security group that allows traffic to and from named peers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One TCP port of a security group, a CIDR block or a prefix list; set exactly one of the three."""

    port: int
    security_group_id: Input[str] | None = None
    cidr: str | None = None
    prefix_list_id: Input[str] | None = None


class Direction(NamedTuple):
    name: str
    kind: type[aws.vpc.SecurityGroupEgressRule] | type[aws.vpc.SecurityGroupIngressRule]


EGRESS = Direction("egress", aws.vpc.SecurityGroupEgressRule)
INGRESS = Direction("ingress", aws.vpc.SecurityGroupIngressRule)


@dataclass(frozen=True, kw_only=True)
class SecurityGroupArgs:
    vpc_id: Input[str]
    description: str
    """A change replaces the group. EC2 accepts letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*, but no apostrophe.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    egress: Mapping[str, Peer] = field(default_factory=dict[str, Peer])
    """The peers that the group may reach, by name. A peer's security group gets the matching ingress rule."""
    ingress: Mapping[str, Peer] = field(default_factory=dict[str, Peer])
    """The peers that may reach the group, on a port of this group. A peer's security group gets the egress rule."""


class SecurityGroup(ComponentResource):
    """Depend on the component, not on the group's id: traffic passes only when its rules exist."""

    id: Output[str]

    def __init__(self, name: str, args: SecurityGroupArgs, opts: ResourceOptions | None = None) -> None:
        # The type token is part of the URNs of all children, so it keeps its original name.
        super().__init__("marginalia:network:Access", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        group = aws.ec2.SecurityGroup(
            f"{name}-group", vpc_id=args.vpc_id, description=args.description, opts=self._child
        )
        self.id = group.id
        own = name.removesuffix("-access")
        for other, peer in args.egress.items():
            traffic = f"From {own} to {peer.cidr or other}"
            self._rule(EGRESS, f"to-{other}", group.id, peer, traffic)
            if peer.security_group_id is not None:
                self._rule(INGRESS, f"to-{other}", peer.security_group_id, _on(peer.port, group), traffic)
        for other, peer in args.ingress.items():
            traffic = f"From {peer.cidr or other} to {own}"
            self._rule(INGRESS, f"from-{other}", group.id, peer, traffic)
            if peer.security_group_id is not None:
                self._rule(EGRESS, f"from-{other}", peer.security_group_id, _on(peer.port, group), traffic)

        self.register_outputs({"security_group_id": self.id})

    def _rule(self, direction: Direction, name: str, group: Input[str], peer: Peer, description: str) -> None:
        direction.kind(
            f"{self._name}-{name}-{direction.name}",
            security_group_id=group,
            ip_protocol="tcp",
            from_port=peer.port,
            to_port=peer.port,
            referenced_security_group_id=peer.security_group_id,
            cidr_ipv4=peer.cidr,
            prefix_list_id=peer.prefix_list_id,
            description=description,
            # EC2 would change the ports of a rule in place. A replacement keeps the rule for the former port until the
            # end of the update, when no task of the former revision runs.
            opts=ResourceOptions(parent=self, replace_on_changes=["fromPort", "toPort"]),
        )


def _on(port: int, group: aws.ec2.SecurityGroup) -> Peer:
    return Peer(port=port, security_group_id=group.id)
