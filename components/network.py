"""The VPC: a public and a private subnet in each zone, route tables and endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi_aws as aws
from pulumi import Alias, ComponentResource, Output, ResourceOptions

from components.log_bucket import LogBucket
from components.security_group import Peer, SecurityGroup, SecurityGroupArgs
from ecs.network import INTERNET, NEEDED_ENDPOINTS, SESSION_ENDPOINT, Egress, blocks


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    cidr: IPv4Network
    zones: Sequence[str]
    """At most 8. Append new zones: the position in this list determines the CIDR blocks of a zone's subnets."""
    region: str
    egress: Egress
    logs: LogBucket | None = None
    """The bucket for flow logs. None: no flow log."""
    sessions: bool = False
    """Whether ECS Exec reaches tasks, for which `endpoints` has one more endpoint."""


class Network(ComponentResource):
    """Depend on the component, not on its subnets: a task starts only when its routes and endpoints exist."""

    vpc_id: Output[str]
    public_subnet_ids: Sequence[Output[str]]
    private_subnet_ids: Sequence[Output[str]]
    task_subnet_ids: Sequence[Output[str]]
    tasks_have_public_addresses: bool
    nat_gateway_ids: Mapping[str, Output[str]]
    """By name, such as `nat` or `nat-us-east-1a`; none in an egress mode without NAT gateways."""
    egress: Mapping[str, Peer]
    """The peers that every task may reach: AWS and, except with `endpoints`, the internet."""

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
        # Without arguments it takes the group of the VPC and revokes its rules, which let everything in it talk.
        # https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
        aws.ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, opts=self._child)
        if args.logs:
            self._flow_log(args.logs)

        public_blocks, private_blocks = blocks(args.cidr)
        public = self._subnets("public", public_blocks)
        private = self._subnets("private", private_blocks)
        self.public_subnet_ids = [subnet.id for subnet in public.values()]
        self.private_subnet_ids = [subnet.id for subnet in private.values()]
        self.tasks_have_public_addresses = args.egress == "public"
        self.task_subnet_ids = self.public_subnet_ids if self.tasks_have_public_addresses else self.private_subnet_ids

        self._internet = aws.ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, opts=self._child)
        internet_route = aws.ec2.RouteTableRouteArgs(cidr_block=INTERNET, gateway_id=self._internet.id)
        public_table = self._table("public", internet_route)
        self._associate("public", public, dict.fromkeys(public, public_table))
        self.nat_gateway_ids = {}
        private_tables = self._private_routes(private, public)
        s3 = self._s3([public_table] if self.tasks_have_public_addresses else private_tables)
        self.egress = self._endpoints(s3) if args.egress == "endpoints" else {"https": Peer(port=443, cidr=INTERNET)}

        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "public_subnet_ids": self.public_subnet_ids,
                "private_subnet_ids": self.private_subnet_ids,
                "task_subnet_ids": self.task_subnet_ids,
                "tasks_have_public_addresses": self.tasks_have_public_addresses,
            }
        )

    def _flow_log(self, logs: LogBucket) -> None:
        """Accepted and rejected traffic, in ten minutes' intervals. S3, as CloudWatch Logs takes twice the price.

        $0.25 and $0.50 for a GB: https://aws.amazon.com/cloudwatch/pricing/ (vended logs)
        """
        aws.ec2.FlowLog(
            f"{self._name}-flow-log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="s3",
            log_destination=logs.arn,
            max_aggregation_interval=600,
            # EC2 would replace a bucket policy that does not let it write.
            opts=ResourceOptions(parent=self, depends_on=[logs]),
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
        self, private: Mapping[str, aws.ec2.Subnet], public: Mapping[str, aws.ec2.Subnet]
    ) -> list[aws.ec2.RouteTable]:
        match self._args.egress:
            case "public" | "endpoints":
                tables = dict.fromkeys(private, self._table("private"))
            case "nat":
                first = self._args.zones[0]
                tables = dict.fromkeys(private, self._table("private", self._nat("nat", public[first])))
            case "nat-per-zone":
                tables = {
                    zone: self._table(f"private-{zone}", self._nat(f"nat-{zone}", public[zone])) for zone in private
                }
        self._associate("private", private, tables)
        return list(dict.fromkeys(tables.values()))

    def _nat(self, name: str, subnet: aws.ec2.Subnet) -> aws.ec2.RouteTableRouteArgs:
        """A NAT gateway in this subnet, and the default route to it."""
        address = aws.ec2.Eip(f"{self._name}-{name}-address", domain="vpc", opts=self._child)
        gateway = aws.ec2.NatGateway(
            f"{self._name}-{name}",
            allocation_id=address.allocation_id,
            subnet_id=subnet.id,
            tags={"Name": f"{self._name}-{name}"},
            # EC2 rejects a public NAT gateway in a VPC without an attached internet gateway.
            opts=ResourceOptions(parent=self, depends_on=[self._internet]),
        )
        self.nat_gateway_ids = {**self.nat_gateway_ids, name: gateway.id}
        return aws.ec2.RouteTableRouteArgs(cidr_block=INTERNET, nat_gateway_id=gateway.id)

    def _table(self, name: str, *routes: aws.ec2.RouteTableRouteArgs) -> aws.ec2.RouteTable:
        return aws.ec2.RouteTable(
            f"{self._name}-{name}",
            vpc_id=self.vpc_id,
            routes=list(routes),
            tags={"Name": f"{self._name}-{name}"},
            opts=self._child,
        )

    def _associate(
        self, kind: str, subnets: Mapping[str, aws.ec2.Subnet], tables: Mapping[str, aws.ec2.RouteTable]
    ) -> None:
        """Routes each subnet by the table of its zone.

        The name does not follow from the table: a new name is a second association of the subnet, created before the
        first one is deleted, and EC2 answers Resource.AlreadyAssociated. Stacks with `nat-per-zone` had such names.
        """
        for zone, subnet in subnets.items():
            former = Alias(name=f"{self._name}-{kind}-{zone}-{zone}-routes")
            aws.ec2.RouteTableAssociation(
                f"{self._name}-{kind}-{zone}-routes",
                route_table_id=tables[zone].id,
                subnet_id=subnet.id,
                opts=ResourceOptions(parent=self, aliases=[former] if kind == "private" else None),
            )

    def _s3(self, tables: Sequence[aws.ec2.RouteTable]) -> aws.ec2.VpcEndpoint:
        """The gateway endpoint for S3, free of charge: content and image layers bypass the NAT gateway.

        https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
        """
        return aws.ec2.VpcEndpoint(
            f"{self._name}-s3",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in tables],
            opts=self._child,
        )

    def _endpoints(self, s3: aws.ec2.VpcEndpoint) -> dict[str, Peer]:
        """Interface endpoints in the private subnets; returns the peers by name."""
        security_group = SecurityGroup(
            f"{self._name}-endpoints",
            SecurityGroupArgs(vpc_id=self.vpc_id, description="Endpoints of AWS for Marginalia"),
            self._child,
        )
        for service in (*NEEDED_ENDPOINTS, *([SESSION_ENDPOINT] if self._args.sessions else [])):
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self.vpc_id,
                service_name=f"com.amazonaws.{self._args.region}.{service}",
                vpc_endpoint_type="Interface",
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[security_group.id],
                private_dns_enabled=True,
                opts=self._child,
            )
        return {
            "endpoints": Peer(port=443, security_group_id=security_group.id),
            "s3": Peer(port=443, prefix_list_id=s3.prefix_list_id),
        }
