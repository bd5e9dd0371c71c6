"""EC2, Elastic Load Balancing, ACM and Route 53. Their ids are unknown before they exist: the account bounds them."""

from __future__ import annotations

from bootstrap.actions.row import Row, each
from ecs import types

_EC2 = "arn:aws:ec2:{region}:{account}:*"
_LOAD_BALANCING = "arn:aws:elasticloadbalancing:{region}:{account}:*"
_TAGS = each("ec2", "CreateTags DeleteTags")
_LB_TAGS = each("elasticloadbalancing", "AddTags RemoveTags")
_ATTRIBUTES = each("ec2", "ModifyVpcAttribute")
_ROUTES = each("ec2", "CreateRoute DeleteRoute ReplaceRoute")
_WEB_ACL = "arn:aws:wafv2:{region}:{account}:regional/webacl/firewall-acl-*"
_RULE_GROUPS = ("arn:aws:wafv2:{region}:{account}:regional/managedruleset/*",)
"""AWS's rule groups, which a web ACL refers to: https://docs.aws.amazon.com/service-authorization/latest/reference/list_wafv2.html"""
_SET_WEB_ACL = each("elasticloadbalancing", "SetWebAcl")

ROWS = (
    Row(
        type=types.VPC,
        arn=_EC2,
        read=each(
            "ec2", "DescribeNetworkAcls DescribeRouteTables DescribeSecurityGroups DescribeVpcAttribute DescribeVpcs"
        ),
        create=(*each("ec2", "CreateVpc"), *_ATTRIBUTES),
        tag=_TAGS,
        update={"enableDnsHostnames": _ATTRIBUTES, "enableDnsSupport": _ATTRIBUTES},
        delete=each("ec2", "DeleteVpc"),
    ),
    Row(
        type=types.SUBNET,
        arn=_EC2,
        read=each("ec2", "DescribeNetworkInterfaces DescribeSubnets"),  # interfaces: before it deletes the subnet
        create=each("ec2", "CreateSubnet"),
        tag=_TAGS,
        delete=each("ec2", "DeleteSubnet"),
    ),
    Row(
        type=types.INTERNET_GATEWAY,
        arn=_EC2,
        read=each("ec2", "DescribeInternetGateways"),
        create=each("ec2", "AttachInternetGateway CreateInternetGateway"),
        tag=_TAGS,
        update={"vpcId": each("ec2", "AttachInternetGateway DetachInternetGateway")},
        delete=each("ec2", "DeleteInternetGateway DetachInternetGateway"),
    ),
    Row(
        type=types.EIP,
        arn=_EC2,
        read=each("ec2", "DescribeAddresses DescribeAddressesAttribute"),
        create=each("ec2", "AllocateAddress"),
        tag=_TAGS,
        delete=each("ec2", "DisassociateAddress ReleaseAddress"),
    ),
    Row(
        type=types.NAT_GATEWAY,
        arn=_EC2,
        read=each("ec2", "DescribeNatGateways"),
        create=each("ec2", "CreateNatGateway"),
        tag=_TAGS,
        delete=each("ec2", "DeleteNatGateway"),
    ),
    Row(
        type=types.ROUTE_TABLE,
        arn=_EC2,
        read=each("ec2", "DescribeNetworkInterfaces DescribeRouteTables"),
        create=each("ec2", "CreateRoute CreateRouteTable"),
        tag=_TAGS,
        update={"routes": _ROUTES},
        delete=each("ec2", "DeleteRouteTable DisassociateRouteTable"),
    ),
    Row(
        type=types.ROUTE_TABLE_ASSOCIATION,
        arn=_EC2,
        read=each("ec2", "DescribeRouteTables"),
        create=each("ec2", "AssociateRouteTable"),
        update={"routeTableId": each("ec2", "ReplaceRouteTableAssociation")},
        delete=each("ec2", "DisassociateRouteTable"),
    ),
    Row(
        type=types.SECURITY_GROUP,
        arn=_EC2,
        read=each("ec2", "DescribeNetworkInterfaces DescribeSecurityGroups"),  # interfaces: as for a subnet
        # The provider revokes the rule that EC2 adds to a new group.
        create=each("ec2", "CreateSecurityGroup RevokeSecurityGroupEgress"),
        tag=_TAGS,
        delete=each("ec2", "DeleteSecurityGroup"),
    ),
    Row(  # the provider takes the group that EC2 creates with the VPC, revokes its rules, and never deletes it
        type=types.DEFAULT_SECURITY_GROUP,
        arn=_EC2,
        read=each("ec2", "DescribeSecurityGroups"),
        create=each("ec2", "RevokeSecurityGroupEgress RevokeSecurityGroupIngress"),
        tag=_TAGS,
    ),
    Row(
        type=types.FLOW_LOG,
        arn=_EC2,
        read=each("ec2", "DescribeFlowLogs"),
        create=each("ec2", "CreateFlowLogs"),
        tag=_TAGS,
        delete=each("ec2", "DeleteFlowLogs"),
    ),
    # https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-create-flow-log.html
    Row(
        type=types.FLOW_LOG,
        arn="*",
        create=each("logs", "CreateLogDelivery"),
        delete=each("logs", "DeleteLogDelivery"),
    ),
    Row(
        type=types.INGRESS_RULE,
        arn=_EC2,
        read=each("ec2", "DescribeSecurityGroupRules"),
        create=each("ec2", "AuthorizeSecurityGroupIngress"),
        tag=_TAGS,
        update={"*": each("ec2", "ModifySecurityGroupRules")},
        delete=each("ec2", "RevokeSecurityGroupIngress"),
    ),
    Row(
        type=types.EGRESS_RULE,
        arn=_EC2,
        read=each("ec2", "DescribeSecurityGroupRules"),
        create=each("ec2", "AuthorizeSecurityGroupEgress"),
        tag=_TAGS,
        update={"*": each("ec2", "ModifySecurityGroupRules")},
        delete=each("ec2", "RevokeSecurityGroupEgress"),
    ),
    Row(
        type=types.VPC_ENDPOINT,
        arn=_EC2,
        read=each("ec2", "DescribeNetworkInterfaces DescribePrefixLists DescribeVpcEndpoints"),
        create=each("ec2", "CreateVpcEndpoint"),
        tag=_TAGS,
        update={"*": each("ec2", "ModifyVpcEndpoint")},
        delete=each("ec2", "DeleteVpcEndpoints"),
    ),
    # `private_dns_enabled`: EC2 associates a zone of its own with the VPC, with the caller's permission.
    Row(type=types.VPC_ENDPOINT, arn="*", create=each("route53", "AssociateVPCWithHostedZone")),
    Row(
        type=types.LOAD_BALANCER,
        arn=_LOAD_BALANCING,
        read=(
            *each("elasticloadbalancing", "DescribeCapacityReservation DescribeLoadBalancerAttributes"),
            *each("elasticloadbalancing", "DescribeLoadBalancers DescribeTags"),
            *each("ec2", "DescribeNetworkInterfaces"),  # after the deletion, until they are gone
        ),
        create=each("elasticloadbalancing", "CreateLoadBalancer ModifyLoadBalancerAttributes"),
        tag=_LB_TAGS,
        update={
            "securityGroups": each("elasticloadbalancing", "SetSecurityGroups"),
            "subnets": each("elasticloadbalancing", "SetSubnets"),
            "*": each("elasticloadbalancing", "ModifyLoadBalancerAttributes"),
        },
        delete=each("elasticloadbalancing", "DeleteLoadBalancer"),
    ),
    Row(
        type=types.TARGET_GROUP,
        arn=_LOAD_BALANCING,
        read=each("elasticloadbalancing", "DescribeTags DescribeTargetGroupAttributes DescribeTargetGroups"),
        create=each("elasticloadbalancing", "CreateTargetGroup ModifyTargetGroupAttributes"),
        tag=_LB_TAGS,
        update={
            "healthCheck": each("elasticloadbalancing", "ModifyTargetGroup"),
            "*": each("elasticloadbalancing", "ModifyTargetGroupAttributes"),
        },
        delete=each("elasticloadbalancing", "DeleteTargetGroup"),
    ),
    Row(
        type=types.LISTENER,
        arn=_LOAD_BALANCING,
        read=each("elasticloadbalancing", "DescribeListenerAttributes DescribeListeners DescribeTags"),
        # The attributes also for a new listener: https://github.com/hashicorp/boundary/issues/5446
        create=each("elasticloadbalancing", "CreateListener ModifyListenerAttributes"),
        tag=_LB_TAGS,
        update={"*": each("elasticloadbalancing", "ModifyListener ModifyListenerAttributes")},
        delete=each("elasticloadbalancing", "DeleteListener"),
    ),
    Row(
        type=types.LISTENER_RULE,
        arn=_LOAD_BALANCING,
        read=each("elasticloadbalancing", "DescribeRules DescribeTags"),
        create=each("elasticloadbalancing", "CreateRule"),
        tag=_LB_TAGS,
        update={
            "priority": each("elasticloadbalancing", "SetRulePriorities"),
            "*": each("elasticloadbalancing", "ModifyRule"),
        },
        delete=each("elasticloadbalancing", "DeleteRule"),
    ),
    Row(
        type=types.CERTIFICATE,
        arn="arn:aws:acm:{region}:{account}:certificate/*",
        read=each("acm", "DescribeCertificate ListTagsForCertificate"),
        create=each("acm", "RequestCertificate"),
        tag=each("acm", "AddTagsToCertificate RemoveTagsFromCertificate"),
        delete=each("acm", "DeleteCertificate"),
    ),
    Row(
        type=types.CERTIFICATE_VALIDATION,
        arn="arn:aws:acm:{region}:{account}:certificate/*",
        read=each("acm", "DescribeCertificate"),
    ),
    Row(
        type=types.RECORD,
        arn="arn:aws:route53:::hostedzone/{zoneId}",
        known={"zoneId": "{zone_id}"},
        read=each("route53", "GetHostedZone ListResourceRecordSets"),
        create=each("route53", "ChangeResourceRecordSets"),
        update={"*": each("route53", "ChangeResourceRecordSets")},
        delete=each("route53", "ChangeResourceRecordSets"),
    ),
    Row(type=types.RECORD, arn="arn:aws:route53:::change/*", read=each("route53", "GetChange")),
    Row(
        type=types.WEB_ACL,
        arn=_WEB_ACL,
        also=_RULE_GROUPS,
        read=each("wafv2", "GetWebACL ListTagsForResource"),
        create=each("wafv2", "CreateWebACL"),
        tag=each("wafv2", "TagResource UntagResource"),
        update={"*": each("wafv2", "UpdateWebACL")},
        delete=each("wafv2", "DeleteWebACL"),
    ),
    # WAF sets the web ACL of the load balancer with the caller's permission:
    # https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html
    Row(
        type=types.WEB_ACL_ASSOCIATION,
        arn="{resourceArn}",
        known={"resourceArn": "arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/*"},
        also=(_WEB_ACL,),
        read=each("wafv2", "GetWebACL GetWebACLForResource"),
        create=(*each("wafv2", "AssociateWebACL"), *_SET_WEB_ACL),
        delete=(*each("wafv2", "DisassociateWebACL"), *_SET_WEB_ACL),
    ),
)
