"""What EC2 accepts as VPC, subnet, gateway and route. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws import ranges, routes
from simulator.check import Checks
from simulator.cloud import Request, as_list, hint
from simulator.sdk import UNKNOWN
from simulator.store import Properties

PREFIX_LENGTHS = range(16, 29)
"""Of a VPC and of a subnet. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
TARGETS = (
    "carrierGatewayId",
    "coreNetworkArn",
    "egressOnlyGatewayId",
    "gatewayId",
    "localGatewayId",
    "natGatewayId",
    "networkInterfaceId",
    "odbNetworkArn",
    "transitGatewayId",
    "vpcEndpointId",
    "vpcPeeringConnectionId",
)
DESTINATIONS = ("cidrBlock", "ipv6CidrBlock", "destinationPrefixListId")

vpc = Checks[Request](types.VPC)
subnet = Checks[Request](types.SUBNET)
internet_gateway = Checks[Request](types.INTERNET_GATEWAY)
address = Checks[Request](types.EIP)
nat_gateway = Checks[Request](types.NAT_GATEWAY)
route_table = Checks[Request](types.ROUTE_TABLE)
association = Checks[Request](types.ROUTE_TABLE_ASSOCIATION)


@vpc("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html", confirmed="moto")
def vpc_has_a_range(request: Request) -> Iterator[str]:
    """A VPC has an IPv4 range in CIDR notation, from /16 to /28, unless IPAM allocates it."""
    value = request.inputs.get("cidrBlock")
    yield from ranges.problems(value, "cidrBlock")
    if (block := ranges.parse(value)) and block.prefixlen not in PREFIX_LENGTHS:
        yield f"InvalidVpc.Range: The CIDR '{value}' is invalid: a VPC has a netmask from /16 to /28"
    if value is None and not request.inputs.get("ipv4IpamPoolId"):
        yield "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided"


@vpc("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html")
def hostnames_need_dns(request: Request) -> Iterator[str]:
    """A VPC has DNS hostnames only if it has DNS support."""
    if request.inputs.get("enableDnsHostnames") and request.inputs.get("enableDnsSupport") is False:
        yield "InvalidParameterCombination: enableDnsHostnames needs enableDnsSupport"


@subnet("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html", confirmed="moto")
def subnet_has_a_range(request: Request) -> Iterator[str]:
    """A subnet has an IPv4 range in CIDR notation, from /16 to /28, within the range of its VPC."""
    value = request.inputs.get("cidrBlock")
    yield from ranges.problems(value, "cidrBlock")
    others = ("ipv4IpamPoolId", "ipv6CidrBlock", "ipv6IpamPoolId", "ipv6Native")
    if value is None and not any(request.inputs.get(each) for each in others):
        yield "MissingParameter: Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided"
    if not (block := ranges.parse(value)):
        return
    if block.prefixlen not in PREFIX_LENGTHS:
        yield f"InvalidSubnet.Range: The CIDR '{block}' is invalid: a subnet has a netmask from /16 to /28"
    parent = routes.by_id(request, types.VPC, request.inputs.get("vpcId"))
    whole = ranges.parse(parent.properties.get("cidrBlock")) if parent else None
    if parent and whole and not block.subnet_of(whole):
        yield f"InvalidSubnet.Range: The CIDR '{block}' is invalid: {routes.logical_name(parent)} has {whole}"


@subnet("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html", confirmed="moto")
def subnets_do_not_overlap(request: Request) -> Iterator[str]:
    """The range of a subnet overlaps no other subnet of the VPC, whichever of the two is created first."""
    if not (block := ranges.parse(request.inputs.get("cidrBlock"))):
        return
    for other in request.all(types.SUBNET, vpcId=request.inputs.get("vpcId")):
        taken = ranges.parse(other.properties.get("cidrBlock"))
        if other.id != request.id and taken and block.overlaps(taken):
            where = f"{routes.logical_name(other)} has {taken}{hint(request, other)}"
            yield f"InvalidSubnet.Conflict: The CIDR '{block}' conflicts with another subnet: {where}"


@subnet("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html", confirmed="moto")
def subnet_is_in_a_zone(request: Request) -> Iterator[str]:
    """A subnet is in a zone of its region: an Availability Zone, a Local Zone or a Wavelength Zone."""
    zone = request.inputs.get("availabilityZone")
    if zone is None or zone == UNKNOWN:
        return
    if not re.fullmatch(rf"{re.escape(request.region)}([a-z]|-[a-z0-9-]+)", str(zone)):
        yield f"InvalidParameterValue: Invalid Availability Zone ({zone}): it is not a zone of {request.region}"


@internet_gateway("https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html")
def a_vpc_has_one_internet_gateway(request: Request) -> Iterator[str]:
    """A VPC has at most one internet gateway."""
    network = request.inputs.get("vpcId")
    if network in (None, UNKNOWN):
        return
    for other in request.all(types.INTERNET_GATEWAY, vpcId=network):
        if other.id != request.id:
            name = routes.logical_name(other)
            yield (
                f"InvalidParameterValue: Network {network} already has an internet gateway attached:"
                f" {name}{hint(request, other)}"
            )


@address("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html", confirmed="botocore")
def address_has_a_domain(request: Request) -> Iterator[str]:
    """The domain of an Elastic IP address is `vpc`; `standard` was EC2-Classic, which is gone."""
    domain = request.inputs.get("domain", "vpc")
    if domain not in ("vpc", UNKNOWN):
        yield f"InvalidParameterValue: Invalid value '{domain}' for domain: it must be vpc"


@nat_gateway("https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html")
def nat_gateway_is_in_a_connected_vpc(request: Request) -> Iterator[str]:
    """A public NAT gateway is in a VPC with an attached internet gateway."""
    found = routes.by_id(request, types.SUBNET, request.inputs.get("subnetId"))
    if not found or request.inputs.get("connectivityType") == "private":
        return
    network = found.properties["vpcId"]
    if not request.visible(types.INTERNET_GATEWAY, vpcId=network):
        yield f"Gateway.NotAttached: network {network} has no internet gateway attached"


@nat_gateway("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html", confirmed="botocore")
def nat_gateway_has_an_address(request: Request) -> Iterator[str]:
    """A public zonal NAT gateway has an Elastic IP address that no other one has; a private one has none."""
    allocation = request.inputs.get("allocationId")
    kind = request.inputs.get("connectivityType", "public")
    if kind not in ("public", "private", UNKNOWN):
        yield f"InvalidParameterValue: Invalid value '{kind}' for connectivityType: it must be public or private"
    if kind == "private" and allocation:
        yield "InvalidParameter: You cannot specify an Elastic IP address with a private NAT gateway"
    zonal = request.inputs.get("availabilityMode", "zonal") == "zonal"
    if kind == "public" and zonal and not allocation:
        yield "MissingParameter: a public NAT gateway needs an allocationId"
    if zonal and not request.inputs.get("subnetId"):
        yield "MissingParameter: a zonal NAT gateway needs a subnetId"
    for other in request.all(types.NAT_GATEWAY, allocationId=allocation) if allocation not in (None, UNKNOWN) else []:
        if other.id != request.id:
            name = routes.logical_name(other)
            yield (
                f"Resource.AlreadyAssociated: Elastic IP address [{allocation}] is already associated"
                f" with {name}{hint(request, other)}"
            )


@route_table("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html", confirmed="moto")
def routes_have_a_destination_and_a_target(request: Request) -> Iterator[str]:
    """A route has one destination and one target, and no other route of the table has its destination."""
    seen: set[str] = set()
    for route in as_list(request.inputs.get("routes")):
        for kind, keys in (("destination", DESTINATIONS), ("target", TARGETS)):
            given = [key for key in keys if route.get(key)]
            if len(given) != 1:
                has = " and ".join(given) or "none"
                yield f"InvalidParameterCombination: a route must have exactly one {kind}, and one here has {has}"
        yield from ranges.problems(route.get("cidrBlock"), "destinationCidrBlock")
        destination = next((str(route[key]) for key in DESTINATIONS if route.get(key)), "")
        if destination and destination != UNKNOWN and destination in seen:
            yield f"RouteAlreadyExists: The route identified by {destination} already exists"
        seen.add(destination)


@route_table("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html")
def route_targets_are_in_the_vpc(request: Request) -> Iterator[str]:
    """A route leads to an internet gateway or NAT gateway that exists, in the VPC of the table."""
    network = request.inputs.get("vpcId")
    for route in as_list(request.inputs.get("routes")) if network != UNKNOWN else []:
        for key, prefix, kind in (
            ("gatewayId", "igw-", types.INTERNET_GATEWAY),
            ("natGatewayId", "nat-", types.NAT_GATEWAY),
        ):
            target = route.get(key)
            if not target or target == UNKNOWN or (key == "gatewayId" and not target.startswith(prefix)):
                continue
            found = routes.by_id(request, kind, target)
            if not found:
                code = "InvalidInternetGatewayID" if prefix == "igw-" else "InvalidNatGatewayID"
                yield f"{code}.NotFound: the gateway ID '{target}' does not exist"
            elif _vpc_of_gateway(request, found.properties) not in (network, None):
                yield f"InvalidParameterValue: route table and network gateway {target} belong to different networks"


def _vpc_of_gateway(request: Request, gateway: Properties) -> object:
    if "subnetId" not in gateway:
        return gateway.get("vpcId", "")
    return routes.vpc_of(request, gateway["subnetId"])


@route_table("https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html")
def local_routes_stay(request: Request) -> Iterator[str]:
    """A route to an internet gateway is not to addresses of the VPC itself."""
    parent = routes.by_id(request, types.VPC, request.inputs.get("vpcId"))
    whole = ranges.parse(parent.properties.get("cidrBlock")) if parent else None
    for route in as_list(request.inputs.get("routes")):
        block = ranges.parse(route.get("cidrBlock"))
        if whole and block and block.subnet_of(whole) and str(route.get("gatewayId")).startswith("igw-"):
            yield (
                f"InvalidParameterValue: The destination CIDR block {block} is equal to or more specific than"
                " one of this VPC's CIDR blocks. This route can target only an interface or an instance."
            )


@association(
    "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html", confirmed="botocore"
)
def association_is_within_a_vpc(request: Request) -> Iterator[str]:
    """An association is of a subnet or a gateway, and the route table and the subnet are in one VPC."""
    if bool(request.inputs.get("subnetId")) == bool(request.inputs.get("gatewayId")):
        yield "InvalidParameterCombination: an association has either a subnetId or a gatewayId"
    subnet = routes.by_id(request, types.SUBNET, request.inputs.get("subnetId"))
    table = routes.by_id(request, types.ROUTE_TABLE, request.inputs.get("routeTableId"))
    if subnet and table and subnet.properties["vpcId"] != table.properties["vpcId"]:
        yield f"InvalidParameterValue: route table {table.id} and subnet {subnet.id} belong to different networks"


@association("https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html")
def a_subnet_has_one_route_table(request: Request) -> Iterator[str]:
    """A subnet is associated with one route table at a time."""
    subnet = request.inputs.get("subnetId")
    for other in request.all(types.ROUTE_TABLE_ASSOCIATION, subnetId=subnet) if subnet not in (None, UNKNOWN) else []:
        if other.id != request.id:
            table = request.inputs.get("routeTableId")
            yield (
                f"Resource.AlreadyAssociated: the specified association for route table {table} conflicts with"
                f" an existing association: {routes.logical_name(other)}{hint(request, other)}"
            )
