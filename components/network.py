"""The VPC: a public and a private subnet in each zone, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.access import Way

BLOCKS = 16
"""Parts of equal size that the VPC is cut into: half for public, half for private subnets, one a zone."""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    cidr: IPv4Network
    zones: Sequence[str]
    """At most 8. Append new ones: the place in this list is the place in the range."""
    region: str


class Network(ComponentResource):
    """Tasks and the database run in the private subnets and reach out through one NAT gateway; S3 needs none."""

    vpc_id: Output[str]
    public_subnet_ids: Sequence[Output[str]]
    private_subnet_ids: Sequence[Output[str]]
    ways_out: Mapping[str, Way]
    """How tasks reach what they need of AWS, and the web."""

    def __init__(self, name: str, args: NetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Network", name, None, opts)
        self._name = name
        self._child = ResourceOptions(parent=self)

        vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=str(args.cidr),
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags={"Name": name},
            opts=self._child,
        )
        self.vpc_id = vpc.id

        blocks = list(args.cidr.subnets(new_prefix=args.cidr.prefixlen + BLOCKS.bit_length() - 1))
        public = self._subnets("public", args.zones, blocks[: BLOCKS // 2])
        private = self._subnets("private", args.zones, blocks[BLOCKS // 2 :])
        self.public_subnet_ids = [subnet.id for subnet in public.values()]
        self.private_subnet_ids = [subnet.id for subnet in private.values()]

        internet = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, opts=self._child)
        self._routes("public", public, aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=internet.id))
        nat = self._nat(public[args.zones[0]], internet)
        private_routes = self._routes(
            "private", private, aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", nat_gateway_id=nat.id)
        )
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[private_routes.id],
            opts=self._child,
        )

        # ECR, CloudWatch Logs and Secrets Manager; and the web.
        self.ways_out = {"https": Way(port=443, cidr="0.0.0.0/0")}
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
            }
        )

    def _subnets(self, kind: str, zones: Sequence[str], blocks: Sequence[IPv4Network]) -> dict[str, aws.ec2.Subnet]:
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{kind}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=str(block),
                tags={"Name": f"{self._name}-{kind}-{zone}"},
                opts=self._child,
            )
            for zone, block in zip(zones, blocks, strict=False)
        }

    def _nat(self, subnet: aws.ec2.Subnet, internet: aws.ec2.InternetGateway) -> aws.ec2.NatGateway:
        address = aws.ec2.Eip(f"{self._name}-nat-address", domain="vpc", opts=self._child)
        return aws.ec2.NatGateway(
            f"{self._name}-nat",
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags={"Name": self._name},
            # AWS refuses a public NAT gateway in a VPC whose internet gateway is not attached yet.
            opts=ResourceOptions(parent=self, depends_on=[internet]),
        )

    def _routes(
        self, kind: str, subnets: Mapping[str, aws.ec2.Subnet], route: aws.ec2.RouteTableRouteArgs
    ) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{self._name}-{kind}",
            vpc_id=self.vpc_id,
            routes=[route],
            tags={"Name": f"{self._name}-{kind}"},
            opts=self._child,
        )
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{zone}-routes", route_table_id=table.id, subnet_id=subnet.id, opts=self._child
            )
        return table
