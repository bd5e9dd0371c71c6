"""VPC networking. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network

from simulator.cloud import Call, ResourceType

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


def _rule(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html"""
    peers = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    if sum(bool(call.inputs.get(peer)) for peer in peers) != 1:
        yield f"InvalidParameterCombination: exactly one of {', '.join(peers)}"
    same = ("securityGroupId", "ipProtocol", "fromPort", "toPort", *peers)
    for other in call.find(call.token):
        if other.id != call.id and all(other.properties.get(key) == call.inputs.get(key) for key in same):
            yield f"InvalidPermission.Duplicate: {other.urn} is the same rule"


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
    "aws:ec2/vpcEndpoint:VpcEndpoint": ResourceType(
        id="vpce-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}", "prefixListId": "pl-{hex}"},
        replaces=frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
        refers={"vpcId": (VPC, "id"), "routeTableIds": (ROUTE_TABLE, "id")},
    ),
    SECURITY_GROUP: ResourceType(
        id="sg-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
        replaces=frozenset({"description", "name", "vpcId"}),
        named="name",
        named_within=("vpcId",),
        refers={"vpcId": (VPC, "id")},
    ),
    EGRESS_RULE: _RULE,
    INGRESS_RULE: _RULE,
}
