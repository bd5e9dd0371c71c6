"""VPC networking. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network

from ecs import types
from ecs.network import INTERNET
from simulator.aws import deletions
from simulator.check import Checks
from simulator.cloud import Request, ResourceType, hint
from simulator.failure import Failure
from simulator.store import Object


def has_internet_route(request: Request, subnet: str, *, public: bool) -> bool:
    """Whether a default route to an internet gateway (`public`) or to a NAT gateway is guaranteed to exist.

    https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
    """
    key = "gatewayId" if public else "natGatewayId"
    return any(
        route.get("cidrBlock") == INTERNET and route.get(key)
        for table in _route_tables(request, subnet)
        for route in table.properties["routes"]
    )


def missing_endpoints(
    request: Request, subnet: str, security_groups: list[str], services: Iterable[str]
) -> Iterable[str]:
    """The services that the subnet's network interfaces cannot reach through an endpoint that is guaranteed to exist.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    tables = {table.id for table in _route_tables(request, subnet)}
    for service in services:
        for endpoint in request.visible(types.VPC_ENDPOINT, serviceName=f"com.amazonaws.{request.region}.{service}"):
            properties = endpoint.properties
            if properties["vpcEndpointType"] == "Gateway":
                attached = tables & set(properties["routeTableIds"])
                allowed = allows_egress(request, security_groups, prefixListId=properties["prefixListId"])
            else:
                attached = subnet in properties["subnetIds"] and properties.get("privateDnsEnabled")
                allowed = any(
                    allows_egress(request, security_groups, referencedSecurityGroupId=group)
                    and allows_ingress(request, group, security_groups)
                    for group in properties["securityGroupIds"]
                )
            if attached and allowed:
                break
        else:
            yield service


def allows_egress(request: Request, security_groups: list[str], **peer: str) -> bool:
    """Whether a rule of one of these security groups allows egress to this peer on port 443."""
    return any(
        rule.properties["securityGroupId"] in security_groups and _is_https(rule)
        for rule in request.visible(types.EGRESS_RULE, **peer)
    )


def allows_ingress(request: Request, group: str, security_groups: list[str]) -> bool:
    """Whether a rule of this group allows ingress from one of the other groups on port 443."""
    return any(
        rule.properties.get("referencedSecurityGroupId") in security_groups and _is_https(rule)
        for rule in request.visible(types.INGRESS_RULE, securityGroupId=group)
    )


def _is_https(rule: Object) -> bool:
    return bool(rule.properties["fromPort"] <= 443 <= rule.properties["toPort"])


def _route_tables(request: Request, subnet: str) -> list[Object]:
    associated = {
        each.properties["routeTableId"] for each in request.visible(types.ROUTE_TABLE_ASSOCIATION, subnetId=subnet)
    }
    return [table for table in request.visible(types.ROUTE_TABLE) if table.id in associated]


def _validate_subnet(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"""
    block = IPv4Network(request.inputs["cidrBlock"])
    vpc = request.inputs["vpcId"]
    for each in request.visible(types.VPC):
        if each.id == vpc and not block.subnet_of(IPv4Network(each.properties["cidrBlock"])):
            yield f"InvalidSubnet.Range: the CIDR '{block}' is invalid"
    for other in request.visible(types.SUBNET, vpcId=vpc):
        if other.id != request.id and block.overlaps(IPv4Network(other.properties["cidrBlock"])):
            yield f"InvalidSubnet.Conflict: the CIDR '{block}' conflicts with another subnet{hint(request, other)}"
    if not request.inputs["availabilityZone"].startswith(request.region):
        yield f"InvalidParameterValue: {request.inputs['availabilityZone']} is not a zone of {request.region}"


def _validate_nat_gateway(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"""
    subnets = {each.id: each.properties["vpcId"] for each in request.visible(types.SUBNET)}
    vpc = subnets.get(request.inputs["subnetId"])
    if not request.visible(types.INTERNET_GATEWAY, vpcId=vpc):
        yield f"Gateway.NotAttached: network {vpc} has no internet gateway attached"


def _validate_security_group(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    if not re.fullmatch(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}", request.inputs.get("description", "Managed")):
        yield f"InvalidParameterValue: Invalid security group description: {request.inputs['description']!r}"


def _validate_rule(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"""
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    if sum(bool(request.inputs.get(peer)) for peer in peers) != 1:
        yield f"InvalidParameterCombination: exactly one of {', '.join(peers)}"
    same = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *peers)
    for other in request.visible(request.token):
        if other.id != request.id and all(other.properties.get(key) == request.inputs.get(key) for key in same):
            yield f"InvalidPermission.Duplicate: {other.urn} is the same rule{hint(request, other)}"


association = Checks[Request](types.ROUTE_TABLE_ASSOCIATION)


@association("https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html")
def has_one_route_table(request: Request) -> Iterable[str]:
    """A subnet is associated with one route table at a time; another table replaces the one of the association."""
    for other in request.all(types.ROUTE_TABLE_ASSOCIATION, subnetId=request.inputs["subnetId"]):
        if other.id != request.id:
            yield (
                "Resource.AlreadyAssociated: the specified association for route table"
                f" {request.inputs['routeTableId']} conflicts with an existing association of"
                f" {request.inputs['subnetId']}: {other.urn or other.id}{hint(request, other)}"
            )


_RULE = ResourceType(
    id="sgr-{hex}",
    outputs={
        "arn": "arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
        "securityGroupRuleId": "{id}",
    },
    replace_on_changes=frozenset({"securityGroupId"}),
    references={
        "securityGroupId": (types.SECURITY_GROUP, "id"),
        "referencedSecurityGroupId": (types.SECURITY_GROUP, "id"),
    },
    validate=_validate_rule,
    failure=Failure(
        sdk="framework",
        source="ec2/vpc_security_group_ingress_rule.go",
        quota="RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.",
    ),
)

TYPES = {
    types.VPC: ResourceType(
        id="vpc-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc/{id}"},
        replace_on_changes=frozenset({"cidrBlock"}),
        failure=Failure(source="ec2/vpc_.go", quota="VpcLimitExceeded: The maximum number of VPCs has been reached."),
    ),
    types.SUBNET: ResourceType(
        id="subnet-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:subnet/{id}"},
        replace_on_changes=frozenset({"availabilityZone", "cidrBlock", "vpcId"}),
        references={"vpcId": (types.VPC, "id")},
        validate=_validate_subnet,
        validate_delete=deletions.subnet.reasons,
        failure=Failure(
            source="ec2/vpc_subnet.go", quota="SubnetLimitExceeded: The maximum number of subnets has been reached."
        ),
    ),
    types.INTERNET_GATEWAY: ResourceType(
        id="igw-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:internet-gateway/{id}"},
        references={"vpcId": (types.VPC, "id")},
        validate_delete=deletions.internet_gateway.reasons,
        failure=Failure(
            source="ec2/vpc_internet_gateway.go",
            quota="InternetGatewayLimitExceeded: The maximum number of internet gateways has been reached.",
        ),
    ),
    types.EIP: ResourceType(
        id="eipalloc-{hex}",
        outputs={"allocationId": "{id}", "publicIp": lambda request: "203.0.113.1"},
        replace_on_changes=frozenset({"domain"}),
        failure=Failure(
            source="ec2/ec2_eip.go", quota="AddressLimitExceeded: The maximum number of addresses has been reached."
        ),
    ),
    types.NAT_GATEWAY: ResourceType(
        id="nat-{hex}",
        replace_on_changes=frozenset({"allocationId", "subnetId"}),
        references={"allocationId": (types.EIP, "id"), "subnetId": (types.SUBNET, "id")},
        validate=_validate_nat_gateway,
        failure=Failure(
            source="ec2/vpc_nat_gateway.go",
            quota="NatGatewayLimitExceeded: The maximum number of NAT Gateways has been reached.",
        ),
    ),
    types.ROUTE_TABLE: ResourceType(
        id="rtb-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:route-table/{id}"},
        replace_on_changes=frozenset({"vpcId"}),
        references={"vpcId": (types.VPC, "id")},
        failure=Failure(
            source="ec2/vpc_route_table.go",
            quota="RouteTableLimitExceeded: The maximum number of route tables has been reached.",
        ),
    ),
    types.ROUTE_TABLE_ASSOCIATION: ResourceType(
        id="rtbassoc-{hex}",
        replace_on_changes=frozenset({"subnetId"}),
        references={"routeTableId": (types.ROUTE_TABLE, "id"), "subnetId": (types.SUBNET, "id")},
        validate=association.reasons,
        failure=Failure(source="ec2/vpc_route_table_association.go", empty_update="applies"),
    ),
    types.VPC_ENDPOINT: ResourceType(
        id="vpce-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}", "prefixListId": "pl-{hex}"},
        replace_on_changes=frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
        references={
            "vpcId": (types.VPC, "id"),
            "routeTableIds": (types.ROUTE_TABLE, "id"),
            "securityGroupIds": (types.SECURITY_GROUP, "id"),
            "subnetIds": (types.SUBNET, "id"),
        },
        failure=Failure(
            source="ec2/vpc_endpoint.go",
            quota="VpcEndpointLimitExceeded: The maximum number of VPC endpoints has been reached.",
        ),
    ),
    types.SECURITY_GROUP: ResourceType(
        id="sg-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
        replace_on_changes=frozenset({"description", "name", "vpcId"}),
        validate=_validate_security_group,
        validate_delete=deletions.security_group.reasons,
        name_property="name",
        name_scope=("vpcId",),
        references={"vpcId": (types.VPC, "id")},
        failure=Failure(
            source="ec2/vpc_security_group.go",
            quota="SecurityGroupLimitExceeded: The maximum number of security groups has been reached.",
        ),
    ),
    types.EGRESS_RULE: _RULE,
    types.INGRESS_RULE: _RULE,
}
