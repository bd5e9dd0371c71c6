"""VPC networking. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network

from simulator.cloud import CUT_OFF, Call, ResourceType
from simulator.store import Object

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
NAT_GATEWAY = "aws:ec2/natGateway:NatGateway"
ROUTE_TABLE = "aws:ec2/routeTable:RouteTable"
ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
EGRESS_RULE = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
VPC_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"


def leads_out(call: Call, subnet: str, *, public: bool) -> bool:
    """Whether the subnet surely has a route to the internet: with a public address, or without one through NAT.

    https://docs.aws.amazon.com/vpc/latest/userguide/route-table-options.html
    """
    key = "gatewayId" if public else "natGatewayId"
    return any(
        route.get("cidrBlock") == "0.0.0.0/0" and route.get(key)
        for table in _tables_of(call, subnet)
        for route in table.properties["routes"]
    )


def missing_endpoints(call: Call, subnet: str, security_groups: list[str], services: Iterable[str]) -> Iterable[str]:
    """Which of these services of AWS the subnet's network interfaces surely cannot reach through an endpoint.

    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    tables = {table.id for table in _tables_of(call, subnet)}
    for service in services:
        for endpoint in call.find(VPC_ENDPOINT, serviceName=f"com.amazonaws.{call.region}.{service}"):
            properties = endpoint.properties
            if properties["vpcEndpointType"] == "Gateway":
                reached = tables & set(properties["routeTableIds"])
                opened = may_reach(call, security_groups, prefixListId=properties["prefixListId"])
            else:
                reached = subnet in properties["subnetIds"] and properties.get("privateDnsEnabled")
                opened = any(
                    may_reach(call, security_groups, referencedSecurityGroupId=group)
                    and may_be_reached(call, group, security_groups)
                    for group in properties["securityGroupIds"]
                )
            if reached and opened:
                break
        else:
            yield service


def may_reach(call: Call, security_groups: list[str], **peer: str) -> bool:
    """Whether one of these security groups surely lets its members out to this peer on port 443."""
    return any(
        rule.properties["securityGroupId"] in security_groups and _is_https(rule)
        for rule in call.find(EGRESS_RULE, **peer)
    )


def may_be_reached(call: Call, group: str, security_groups: list[str]) -> bool:
    """Whether this security group surely lets members of one of those in on port 443."""
    return any(
        rule.properties.get("referencedSecurityGroupId") in security_groups and _is_https(rule)
        for rule in call.find(INGRESS_RULE, securityGroupId=group)
    )


def _is_https(rule: Object) -> bool:
    return bool(rule.properties["fromPort"] <= 443 <= rule.properties["toPort"])


def _tables_of(call: Call, subnet: str) -> list[Object]:
    associated = {each.properties["routeTableId"] for each in call.find(ROUTE_TABLE_ASSOCIATION, subnetId=subnet)}
    return [table for table in call.find(ROUTE_TABLE) if table.id in associated]


def _subnet(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html"""
    block = IPv4Network(call.inputs["cidrBlock"])
    vpc = call.inputs["vpcId"]
    for each in call.find(VPC):
        if each.id == vpc and not block.subnet_of(IPv4Network(each.properties["cidrBlock"])):
            yield f"InvalidSubnet.Range: the CIDR '{block}' is invalid"
    for other in call.find(SUBNET, vpcId=vpc):
        if other.id != call.id and block.overlaps(IPv4Network(other.properties["cidrBlock"])):
            yield f"InvalidSubnet.Conflict: the CIDR '{block}' conflicts with another subnet"
    if not call.inputs["availabilityZone"].startswith(call.region):
        yield f"InvalidParameterValue: {call.inputs['availabilityZone']} is not a zone of {call.region}"


def _nat_gateway(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"""
    subnets = {each.id: each.properties["vpcId"] for each in call.find(SUBNET)}
    vpc = subnets.get(call.inputs["subnetId"])
    if not call.find(INTERNET_GATEWAY, vpcId=vpc):
        yield f"Gateway.NotAttached: network {vpc} has no internet gateway attached"


def _still_mapped(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html"""
    subnets = {each.id for each in call.all(SUBNET, vpcId=call.inputs["vpcId"])}
    if any(each.properties["subnetId"] in subnets for each in call.all(NAT_GATEWAY)):
        yield f"DependencyViolation: network {call.inputs['vpcId']} has some mapped public addresses"


def _security_group(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html"""
    if not re.fullmatch(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}", call.inputs.get("description", "Managed")):
        yield f"InvalidParameterValue: Invalid security group description: {call.inputs['description']!r}"


def _rule(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"""
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    if sum(bool(call.inputs.get(peer)) for peer in peers) != 1:
        yield f"InvalidParameterCombination: exactly one of {', '.join(peers)}"
    same = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *peers)
    for other in call.find(call.token):
        if other.id != call.id and all(other.properties.get(key) == call.inputs.get(key) for key in same):
            cut_off = CUT_OFF if other.urn == call.urn else ""
            yield f"InvalidPermission.Duplicate: {other.urn} is the same rule{cut_off}"


_RULE = ResourceType(
    id="sgr-{hex}",
    outputs={
        "arn": "arn:aws:ec2:{region}:{account}:security-group-rule/{id}",
        "securityGroupRuleId": "{id}",
    },
    replaces=frozenset({"securityGroupId"}),
    refers={"securityGroupId": (SECURITY_GROUP, "id"), "referencedSecurityGroupId": (SECURITY_GROUP, "id")},
    refuses=_rule,
)

TYPES = {
    VPC: ResourceType(
        id="vpc-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc/{id}"},
        replaces=frozenset({"cidrBlock"}),
    ),
    SUBNET: ResourceType(
        id="subnet-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:subnet/{id}"},
        replaces=frozenset({"availabilityZone", "cidrBlock", "vpcId"}),
        refers={"vpcId": (VPC, "id")},
        refuses=_subnet,
    ),
    INTERNET_GATEWAY: ResourceType(
        id="igw-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:internet-gateway/{id}"},
        refers={"vpcId": (VPC, "id")},
        refuses_deletion=_still_mapped,
    ),
    EIP: ResourceType(
        id="eipalloc-{hex}",
        outputs={"allocationId": "{id}", "publicIp": lambda call: "203.0.113.1"},
        replaces=frozenset({"domain"}),
    ),
    NAT_GATEWAY: ResourceType(
        id="nat-{hex}",
        replaces=frozenset({"allocationId", "subnetId"}),
        refers={"allocationId": (EIP, "id"), "subnetId": (SUBNET, "id")},
        refuses=_nat_gateway,
    ),
    ROUTE_TABLE: ResourceType(
        id="rtb-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:route-table/{id}"},
        replaces=frozenset({"vpcId"}),
        refers={"vpcId": (VPC, "id")},
    ),
    ROUTE_TABLE_ASSOCIATION: ResourceType(
        id="rtbassoc-{hex}",
        replaces=frozenset({"subnetId"}),
        refers={"routeTableId": (ROUTE_TABLE, "id"), "subnetId": (SUBNET, "id")},
    ),
    VPC_ENDPOINT: ResourceType(
        id="vpce-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}", "prefixListId": "pl-{hex}"},
        replaces=frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
        refers={
            "vpcId": (VPC, "id"),
            "routeTableIds": (ROUTE_TABLE, "id"),
            "securityGroupIds": (SECURITY_GROUP, "id"),
            "subnetIds": (SUBNET, "id"),
        },
    ),
    SECURITY_GROUP: ResourceType(
        id="sg-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
        replaces=frozenset({"description", "name", "vpcId"}),
        refuses=_security_group,
        named="name",
        named_within=("vpcId",),
        refers={"vpcId": (VPC, "id")},
    ),
    EGRESS_RULE: _RULE,
    INGRESS_RULE: _RULE,
}
