"""VPC networking. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"""

from __future__ import annotations

from ecs import types
from simulator.aws import deletions, ec2_endpoints, ec2_flow_logs, ec2_network, ec2_rules
from simulator.cloud import ResourceType
from simulator.failure import Failure

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
    validate=ec2_rules.rule.reasons,
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
        validate=ec2_network.vpc.reasons,
        failure=Failure(source="ec2/vpc_.go", quota="VpcLimitExceeded: The maximum number of VPCs has been reached."),
    ),
    types.SUBNET: ResourceType(
        id="subnet-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:subnet/{id}"},
        replace_on_changes=frozenset({"availabilityZone", "cidrBlock", "vpcId"}),
        references={"vpcId": (types.VPC, "id")},
        validate=ec2_network.subnet.reasons,
        validate_delete=deletions.subnet.reasons,
        failure=Failure(
            source="ec2/vpc_subnet.go", quota="SubnetLimitExceeded: The maximum number of subnets has been reached."
        ),
    ),
    types.INTERNET_GATEWAY: ResourceType(
        id="igw-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:internet-gateway/{id}"},
        references={"vpcId": (types.VPC, "id")},
        validate=ec2_network.internet_gateway.reasons,
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
        validate=ec2_network.address.reasons,
        failure=Failure(
            source="ec2/ec2_eip.go", quota="AddressLimitExceeded: The maximum number of addresses has been reached."
        ),
    ),
    types.NAT_GATEWAY: ResourceType(
        id="nat-{hex}",
        replace_on_changes=frozenset({"allocationId", "subnetId"}),
        references={"allocationId": (types.EIP, "id"), "subnetId": (types.SUBNET, "id")},
        validate=ec2_network.nat_gateway.reasons,
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
        validate=ec2_network.route_table.reasons,
        failure=Failure(
            source="ec2/vpc_route_table.go",
            quota="RouteTableLimitExceeded: The maximum number of route tables has been reached.",
        ),
    ),
    types.ROUTE_TABLE_ASSOCIATION: ResourceType(
        id="rtbassoc-{hex}",
        replace_on_changes=frozenset({"subnetId"}),
        references={"routeTableId": (types.ROUTE_TABLE, "id"), "subnetId": (types.SUBNET, "id")},
        validate=ec2_network.association.reasons,
        failure=Failure(source="ec2/vpc_route_table_association.go", empty_update="applies"),
    ),
    types.VPC_ENDPOINT: ResourceType(
        id="vpce-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-endpoint/{id}", "prefixListId": "pl-{hex:.8}"},
        replace_on_changes=frozenset({"serviceName", "vpcEndpointType", "vpcId"}),
        references={
            "vpcId": (types.VPC, "id"),
            "routeTableIds": (types.ROUTE_TABLE, "id"),
            "securityGroupIds": (types.SECURITY_GROUP, "id"),
            "subnetIds": (types.SUBNET, "id"),
        },
        validate=ec2_endpoints.endpoint.reasons,
        failure=Failure(
            source="ec2/vpc_endpoint.go",
            quota="VpcEndpointLimitExceeded: The maximum number of VPC endpoints has been reached.",
        ),
    ),
    types.SECURITY_GROUP: ResourceType(
        id="sg-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}"},
        replace_on_changes=frozenset({"description", "name", "vpcId"}),
        validate=ec2_rules.group.reasons,
        validate_delete=deletions.security_group.reasons,
        name_property="name",
        name_scope=("vpcId",),
        references={"vpcId": (types.VPC, "id")},
        failure=Failure(
            source="ec2/vpc_security_group.go",
            quota="SecurityGroupLimitExceeded: The maximum number of security groups has been reached.",
        ),
    ),
    # EC2 creates the group with its VPC and deletes it with it. The provider's create takes it and revokes its rules;
    # its delete does nothing.
    types.DEFAULT_SECURITY_GROUP: ResourceType(
        id="sg-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:security-group/{id}", "name": lambda _: "default"},
        replace_on_changes=frozenset({"vpcId"}),
        references={"vpcId": (types.VPC, "id")},
        blocks_delete=False,
        failure=Failure(source="ec2/vpc_default_security_group.go"),
    ),
    types.FLOW_LOG: ResourceType(
        id="fl-{hex}",
        outputs={"arn": "arn:aws:ec2:{region}:{account}:vpc-flow-log/{id}"},
        replace_on_changes=frozenset(
            {
                *ec2_flow_logs.MONITORED,
                "deliverCrossAccountRole",
                "destinationOptions",
                "iamRoleArn",
                "logDestination",
                "logDestinationType",
                "logFormat",
                "maxAggregationInterval",
                "trafficType",
            }
        ),
        references={"vpcId": (types.VPC, "id")},
        blocks_delete=False,  # the flow log of a VPC that is gone stays
        validate=ec2_flow_logs.flow_log.reasons,
        failure=Failure(
            source="ec2/vpc_flow_log.go",
            quota="FlowLogsLimitExceeded: The maximum number of flow logs has been reached.",
        ),
    ),
    types.EGRESS_RULE: _RULE,
    types.INGRESS_RULE: _RULE,
}
