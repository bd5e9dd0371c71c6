"""The table of the actions that the AWS provider calls for the resources of the program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bootstrap.actions import alerts, compute, data, network
from bootstrap.actions.row import Actions, Row, each
from ecs import types

__all__ = ["ANY_RESOURCE", "PROMOTE", "ROWS", "Actions", "Row", "arn", "values"]

_SERVICE_LINKED_ROLES = {
    types.CLUSTER: "ecs.amazonaws.com",
    types.LOAD_BALANCER: "elasticloadbalancing.amazonaws.com",
    types.DB_INSTANCE: "rds.amazonaws.com",
    types.SCALING_TARGET: "ecs.application-autoscaling.amazonaws.com",
}
"""The service that creates its own role with an account's first resource of the type.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html"""

ROWS = (
    *network.ROWS,
    *compute.ROWS,
    *data.ROWS,
    *alerts.ROWS,
    *(
        Row(
            type=token,
            arn=f"arn:aws:iam::{{account}}:role/aws-service-role/{service}/*",
            create=each("iam", "CreateServiceLinkedRole"),
        )
        for token, service in _SERVICE_LINKED_ROLES.items()
    ),
)

PROMOTE = each("ecr", "BatchGetImage DescribeImages PutImage")
"""What `python -m ops promote` and `unused-images` need of the building stack's repositories, besides reading."""

ANY_RESOURCE = frozenset(
    (
        *each("acm", "RequestCertificate"),
        *each("application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies"),
        *each("ec2", "DescribeAddresses DescribeAddressesAttribute DescribeFlowLogs DescribeInternetGateways"),
        *each("ec2", "DescribeNatGateways"),
        *each("ec2", "DescribeNetworkAcls DescribeNetworkInterfaces DescribePrefixLists DescribeRouteTables"),
        *each("ec2", "DescribeSecurityGroupRules DescribeSecurityGroups DescribeSubnets DescribeVpcEndpoints"),
        *each("ec2", "DescribeVpcs"),
        *each("ecr", "GetAuthorizationToken"),
        # Of ListTasks, the resource is a container instance, which Fargate has none of.
        *each("ecs", "DescribeTaskDefinition ListTasks"),
        *each("elasticloadbalancing", "DescribeCapacityReservation DescribeListenerAttributes DescribeListeners"),
        *each("elasticloadbalancing", "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeTags"),
        *each("elasticloadbalancing", "DescribeRules DescribeTargetGroupAttributes DescribeTargetGroups"),
        *each("logs", "CreateLogDelivery DeleteLogDelivery DescribeLogGroups"),
        # GetOperation is refused with any other resource: https://github.com/aws-amplify/amplify-cli/issues/10116
        *each("servicediscovery", "CreateHttpNamespace GetOperation ListTagsForResource TagResource UntagResource"),
        *each("ssm", "DescribeParameters"),
    )
)
"""The actions that support no resource-level permission: IAM checks them against `*`.
https://docs.aws.amazon.com/service-authorization/latest/reference/"""


def arn(row: Row, action: str, values: Mapping[str, Any]) -> str:
    """The ARN that IAM checks the action against, with these values for the placeholders of the row.

    Empty if the resource has none, such as a service without a role: the action is not called.
    """
    return "*" if action in ANY_RESOURCE else row.arn.format_map(values)


def values(inputs: Mapping[str, Any], *, account: str, region: str) -> dict[str, Any]:
    """The values for the placeholders of a row, from the inputs of an existing resource."""
    cluster = str(inputs.get("cluster") or inputs.get("clusterArn") or "").rpartition("/")[2]
    target: Mapping[str, Any] = inputs["target"] if "scheduleExpression" in inputs else {}
    role = target.get("roleArn", "")
    balancers: list[Mapping[str, Any]] = inputs.get("loadBalancers") or []
    key = "advancedConfiguration"
    shifts: list[Mapping[str, str]] = [each[key] for each in balancers if each.get(key)]
    passed = {"target_role": role, "shift_role": shifts[0]["roleArn"] if shifts else ""}
    own = {"cluster_name": cluster, **passed, **inputs, "account": account, "region": region}
    if not (image := re.fullmatch(IMAGE_NAME, str(inputs.get("imageName", "")))):
        return own
    # The Docker provider has neither an account nor a region.
    return {**own, **image.groupdict()}


IMAGE_NAME = r"(?P<account>[0-9]+)\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<repository>.+):.+"
