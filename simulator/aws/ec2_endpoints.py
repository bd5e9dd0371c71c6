"""What EC2 accepts as VPC endpoint.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ecs import types
from simulator.aws import routes
from simulator.check import Checks
from simulator.cloud import Request, as_list, hint
from simulator.sdk import UNKNOWN

GATEWAY_SERVICES = ("dynamodb", "s3", "s3express")
"""https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html"""
API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html"
PREFIXES = ("com.amazonaws.", "cn.com.amazonaws.", "aws.", "api.aws.")
FIELDS = {"Gateway": ("routeTableIds",), "Interface": ("subnetIds", "securityGroupIds")}
KINDS = {"routeTableIds": types.ROUTE_TABLE, "subnetIds": types.SUBNET, "securityGroupIds": types.SECURITY_GROUP}

endpoint = Checks[Request](types.VPC_ENDPOINT)


def _type(request: Request) -> str:
    return request.inputs.get("vpcEndpointType") or "Gateway"


def _service(request: Request) -> str:
    """The service of AWS in this region; empty for another one."""
    name = str(request.inputs.get("serviceName") or "")
    return name.removeprefix(prefix) if name.startswith(prefix := f"com.amazonaws.{request.region}.") else ""


@endpoint("https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html")
def service_is_in_the_region(request: Request) -> Iterator[str]:
    """The name of a service begins as AWS's do; a region in it is the VPC's own, or there is a serviceRegion.

    Global services have none: com.amazonaws.iam, com.amazonaws.s3-global.accesspoint.
    """
    name = str(request.inputs.get("serviceName") or "")
    found = re.match(r"com\.amazonaws\.([a-z]{2}(?:-[a-z]+)+-\d)\.", name)
    if name and name != UNKNOWN and not name.startswith(PREFIXES):
        yield f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist"
    if found and found[1] != request.region and not request.inputs.get("serviceRegion"):
        yield f"InvalidServiceName: The Vpc Endpoint Service '{name}' does not exist in {request.region}"


@endpoint("https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html")
def type_is_one_of_the_service(request: Request) -> Iterator[str]:
    """Of the services of AWS only S3, its Express One Zone, and DynamoDB have gateway endpoints."""
    service = _service(request)
    if service and _type(request) == "Gateway" and service not in GATEWAY_SERVICES:
        yield f"InvalidParameter: Endpoint type (Gateway) does not match the service types of {service} ([Interface])"


@endpoint(API, confirmed="botocore")
def fields_fit_the_type(request: Request) -> Iterator[str]:
    """A gateway endpoint has route tables; an interface endpoint has subnets and security groups."""
    kind = _type(request)
    for other, keys in FIELDS.items():
        for key in keys if kind in FIELDS and other != kind else ():
            if request.inputs.get(key):
                yield f"InvalidParameter: a {kind} endpoint has no {key}"
    if kind == "Gateway" and request.inputs.get("privateDnsEnabled"):
        yield "InvalidParameter: Private DNS is not supported by a Gateway endpoint"


@endpoint(API, confirmed="nobody")
def parts_are_in_the_vpc(request: Request) -> Iterator[str]:
    """The route tables, subnets and security groups are in the VPC of the endpoint."""
    for key, kind in KINDS.items():
        for each in as_list(request.inputs.get(key)):
            found = routes.by_id(request, kind, each)
            if found and found.properties.get("vpcId") != request.inputs.get("vpcId"):
                yield f"InvalidParameter: {each} in {key} belongs to another network than the endpoint"


# https://github.com/terraform-aws-modules/terraform-aws-vpc/issues/583
@endpoint(
    "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html", confirmed="recorded answer"
)
def one_subnet_in_each_zone(request: Request) -> Iterator[str]:
    """An interface endpoint has at most one subnet in each zone."""
    zones: set[str] = set()
    for each in dict.fromkeys(as_list(request.inputs.get("subnetIds"))):  # a set of the provider
        found = routes.by_id(request, types.SUBNET, each)
        zone = found.properties.get("availabilityZone") if found else None
        if zone in zones:
            name = routes.named(request, types.SUBNET, each)
            yield (
                f"DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of {name}."
                " VPC endpoint subnets should be in different availability zones"
            )
        zones |= {zone} if zone else set()


@endpoint(API)
def private_dns_needs_the_vpc(request: Request) -> Iterator[str]:
    """Private DNS needs both DNS attributes of the VPC."""
    vpc = routes.by_id(request, types.VPC, request.inputs.get("vpcId"))
    if not vpc or not request.inputs.get("privateDnsEnabled"):
        return
    if not vpc.properties.get("enableDnsHostnames") or vpc.properties.get("enableDnsSupport") is False:
        yield (
            "InvalidParameter: Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC"
            f" attributes set to true for {routes.logical_name(vpc)}"
        )


@endpoint("https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html", confirmed="cfn-lint")
def private_dns_is_unique(request: Request) -> Iterator[str]:
    """A VPC has one interface endpoint with private DNS for a service."""
    vpc, service = request.inputs.get("vpcId"), request.inputs.get("serviceName")
    if not request.inputs.get("privateDnsEnabled") or UNKNOWN in (vpc, service):
        return
    for other in request.all(types.VPC_ENDPOINT, vpcId=vpc, serviceName=service, privateDnsEnabled=True):
        if other.id != request.id:
            yield (
                "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS"
                f" domain for {service} in the VPC: {routes.logical_name(other)}{hint(request, other)}"
            )


@endpoint("https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html", confirmed="nobody")
def a_route_table_has_one_gateway_endpoint(request: Request) -> Iterator[str]:
    """A route table has one gateway endpoint for a service."""
    tables = {each for each in as_list(request.inputs.get("routeTableIds")) if each != UNKNOWN}
    for other in request.all(types.VPC_ENDPOINT, serviceName=request.inputs.get("serviceName")):
        for table in sorted(tables & set(as_list(other.properties.get("routeTableIds")))):
            if other.id != request.id:
                yield (
                    f"RouteAlreadyExists: route table {table} already has a route to {request.inputs['serviceName']}:"
                    f" {routes.logical_name(other)}{hint(request, other)}"
                )


@endpoint(API)
def policy_is_json(request: Request) -> Iterator[str]:
    """A policy is a JSON document with statements."""
    policy = request.inputs.get("policy")
    if policy in (None, "", UNKNOWN):
        return
    try:
        document = json.loads(str(policy))
    except ValueError:
        document = None
    if not isinstance(document, dict) or "Statement" not in document:
        yield "InvalidPolicyDocument: the policy is not valid JSON with a Statement"
