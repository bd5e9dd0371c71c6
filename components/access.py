"""A security group, closed but for the ways that are named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions


@dataclass(frozen=True, kw_only=True)
class Way:
    """One TCP port of something that can be reached: of a security group, an address range or a prefix list."""

    port: int
    security_group_id: Input[str] | None = None
    cidr: str | None = None
    prefix_list_id: Input[str] | None = None


class Direction(NamedTuple):
    name: str
    kind: type[aws.vpc.SecurityGroupEgressRule] | type[aws.vpc.SecurityGroupIngressRule]


OUT = Direction("egress", aws.vpc.SecurityGroupEgressRule)
IN = Direction("ingress", aws.vpc.SecurityGroupIngressRule)


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    vpc_id: Input[str]
    description: str
    """Cannot be changed later. EC2 takes letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* alone: no apostrophe."""
    ways_out: Mapping[str, Way] = field(default_factory=dict[str, Way])
    """What it may reach, by name. The other security group gets the rule that lets it in."""
    ways_in: Mapping[str, Way] = field(default_factory=dict[str, Way])
    """From where it may be reached, on which of its own ports. The other security group gets the rule out."""


class Access(ComponentResource):
    """Whoever needs its ways depends on the whole component: on its rules, too."""

    security_group_id: Output[str]

    def __init__(self, name: str, args: AccessArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Access", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        group = aws.ec2.SecurityGroup(
            f"{name}-group", vpc_id=args.vpc_id, description=args.description, opts=self._child
        )
        self.security_group_id = group.id
        for other, way in args.ways_out.items():
            self._rule(OUT, f"to-{other}", group.id, way)
            if way.security_group_id is not None:
                self._rule(IN, f"to-{other}", way.security_group_id, Way(port=way.port, security_group_id=group.id))
        for other, way in args.ways_in.items():
            self._rule(IN, f"from-{other}", group.id, way)
            if way.security_group_id is not None:
                self._rule(OUT, f"from-{other}", way.security_group_id, Way(port=way.port, security_group_id=group.id))

        self.register_outputs({"security_group_id": self.security_group_id})

    def _rule(self, direction: Direction, name: str, group: Input[str], way: Way) -> None:
        direction.kind(
            f"{self._name}-{name}-{direction.name}",
            security_group_id=group,
            ip_protocol="tcp",
            from_port=way.port,
            to_port=way.port,
            referenced_security_group_id=way.security_group_id,
            cidr_ipv4=way.cidr,
            prefix_list_id=way.prefix_list_id,
            opts=self._child,
        )
