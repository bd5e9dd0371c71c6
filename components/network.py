"""The VPC: a public and a private subnet in each zone, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Literal

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.access import Access, AccessArgs, Way

BLOCKS = 16
"""Parts of equal size that the VPC is cut into: half for public, half for private subnets, one a zone."""
INTERNET = "0.0.0.0/0"
NEEDED_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
"""What a Fargate task calls before it runs, besides S3, where ECR keeps the layers.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""

Egress = Literal["public", "endpoints", "nat", "nat-per-zone"]
"""How tasks reach AWS and the web.

public: from public subnets, with public addresses. Nothing to pay but the addresses; fit for a cheap dev stack.
endpoints: AWS alone, through interface endpoints in the private subnets; not the web.
nat: from private subnets through one gateway, whose zone is a single point of failure.
nat-per-zone: from private subnets, each zone through its own gateway.
"""


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    cidr: IPv4Network
    zones: Sequence[str]
    """At most 8. Append new ones: the place in this list is the place in the range."""
    region: str
    egress: Egress


class Network(ComponentResource):
    """Whoever runs tasks in it depends on the whole component: on its routes and endpoints, too."""

    vpc_id: Output[str]
    public_subnet_ids: Sequence[Output[str]]
    private_subnet_ids: Sequence[Output[str]]
    task_subnet_ids: Sequence[Output[str]]
    tasks_have_public_addresses: bool
    ways_out: Mapping[str, Way]
    """How tasks reach what they need of AWS; and the web, but for `endpoints`."""

    def __init__(self, name: str, args: NetworkArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:network:Network", name, None, opts)
        self._name = name
        self._args = args
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
        public = self._subnets("public", blocks[: BLOCKS // 2])
        private = self._subnets("private", blocks[BLOCKS // 2 :])
        self.public_subnet_ids = [subnet.id for subnet in public.values()]
        self.private_subnet_ids = [subnet.id for subnet in private.values()]
        self.tasks_have_public_addresses = args.egress == "public"
        self.task_subnet_ids = self.public_subnet_ids if self.tasks_have_public_addresses else self.private_subnet_ids

        self._internet = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, opts=self._child)
        to_the_internet = aws.ec2.RouteTableRouteArgs(cidr_block=INTERNET, gateway_id=self._internet.id)
        public_table = self._table("public", public, to_the_internet)
        private_tables = self._private_routes(public, private)
        s3 = self._s3([public_table] if self.tasks_have_public_addresses else private_tables)
        self.ways_out = self._endpoints(s3) if args.egress == "endpoints" else {"https": Way(port=443, cidr=INTERNET)}

        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
                "task_subnet_ids": self.task_subnet_ids,
                "tasks_have_public_addresses": self.tasks_have_public_addresses,
            }
        )

    def _subnets(self, kind: str, blocks: Sequence[IPv4Network]) -> dict[str, aws.ec2.Subnet]:
        return {
            zone: aws.ec2.Subnet(
                f"{self._name}-{kind}-{zone}",
                vpc_id=self.vpc_id,
                availability_zone=zone,
                cidr_block=str(block),
                tags={"Name": f"{self._name}-{kind}-{zone}"},
                opts=self._child,
            )
            for zone, block in zip(self._args.zones, blocks, strict=False)
        }

    def _private_routes(
        self, public: Mapping[str, aws.ec2.Subnet], private: Mapping[str, aws.ec2.Subnet]
    ) -> list[aws.ec2.RouteTable]:
        match self._args.egress:
            case "public" | "endpoints":
                return [self._table("private", private)]
            case "nat":
                first = self._args.zones[0]
                return [self._table("private", private, self._nat("nat", public[first]))]
            case "nat-per-zone":
                return [
                    self._table(f"private-{zone}", {zone: subnet}, self._nat(f"nat-{zone}", public[zone]))
                    for zone, subnet in private.items()
                ]

    def _nat(self, name: str, subnet: aws.ec2.Subnet) -> aws.ec2.RouteTableRouteArgs:
        """The route through a NAT gateway of its own."""
        address = aws.ec2.Eip(f"{self._name}-{name}-address", domain="vpc", opts=self._child)
        gateway = aws.ec2.NatGateway(
            f"{self._name}-{name}",
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags={"Name": f"{self._name}-{name}"},
            # AWS refuses a public NAT gateway in a VPC whose internet gateway is not attached yet.
            opts=ResourceOptions(parent=self, depends_on=[self._internet]),
        )
        return aws.ec2.RouteTableRouteArgs(cidr_block=INTERNET, nat_gateway_id=gateway.id)

    def _table(
        self, name: str, subnets: Mapping[str, aws.ec2.Subnet], *routes: aws.ec2.RouteTableRouteArgs
    ) -> aws.ec2.RouteTable:
        table = aws.ec2.RouteTable(
            f"{self._name}-{name}",
            vpc_id=self.vpc_id,
            routes=list(routes),
            tags={"Name": f"{self._name}-{name}"},
            opts=self._child,
        )
        for zone, subnet in subnets.items():
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{name}-{zone}-routes", route_table_id=table.id, subnet_id=subnet.id, opts=self._child
            )
        return table

    def _s3(self, tables: Sequence[aws.ec2.RouteTable]) -> aws.ec2.VpcEndpoint:
        """The gateway endpoint for S3, which costs nothing: content and image layers do not pass a NAT gateway."""
        return aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            opts=self._child,
        )

    def _endpoints(self, s3: aws.ec2.VpcEndpoint) -> dict[str, Way]:
        access = Access(
            f"{self._name}-endpoints",
            AccessArgs(vpc_id=self.vpc_id, description="Endpoints of AWS for Marginalia"),
            self._child,
        )
        for service in NEEDED_ENDPOINTS:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{self._args.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[access.security_group_id],
                private_dns_enabled=True,
                opts=self._child,
            )
        return {
            "endpoints": Way(port=443, security_group_id=access.security_group_id),
            "s3": Way(port=443, prefix_list_id=s3.prefix_list_id),
        }
