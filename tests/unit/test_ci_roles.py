"""Checks the roles of docs/ci.md against the resources that the program creates. Ignores conditions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any, NamedTuple

import pytest

from ecs import types
from tests.declared import ACCOUNT, REGION, ROOT, Declared, Registration, declare_program

BUCKET, ZONE = "marginalia-content-test", "Z00000000000000000000"
PLACEHOLDERS = {"ACCOUNT": ACCOUNT, "REGION": REGION, "CONTENT": BUCKET, "ZONE": ZONE}

Arn = Callable[[Registration], str]


class Needs(NamedTuple):
    create: str
    read: str
    arn: Arn = lambda _: "*"
    """The resource that the actions need; `*` where AWS or the role does not restrict it."""


def named(pattern: str) -> Arn:
    return lambda each: pattern.format(**each.inputs, id=each.id, account=ACCOUNT, region=REGION)


_ROLE, _POLICY = named("arn:aws:iam::{account}:role/{id}"), named("arn:aws:iam::{account}:role/{role}")
_BUCKET = named("arn:aws:s3:::{bucket}")
_SECRET, _VERSION = named("{id}"), named("{secretId}")
_REPOSITORY = named("arn:aws:ecr:{region}:{account}:repository/{id}")
_RULES = named("arn:aws:ecr:{region}:{account}:repository/{repository}")
_LOGS = named("arn:aws:logs:{region}:{account}:log-group:{name}")
_RECORD = named("arn:aws:route53:::hostedzone/{zoneId}")

NEEDS = {
    "acm/certificate:Certificate": Needs("acm:RequestCertificate", "acm:DescribeCertificate"),
    "acm/certificateValidation:CertificateValidation": Needs("acm:DescribeCertificate", "acm:DescribeCertificate"),
    "appautoscaling/policy:Policy": Needs(
        "application-autoscaling:PutScalingPolicy", "application-autoscaling:DescribeScalingPolicies"
    ),
    "appautoscaling/target:Target": Needs(
        "application-autoscaling:RegisterScalableTarget", "application-autoscaling:DescribeScalableTargets"
    ),
    "cloudwatch/logGroup:LogGroup": Needs("logs:CreateLogGroup", "logs:DescribeLogGroups", _LOGS),
    "ec2/eip:Eip": Needs("ec2:AllocateAddress", "ec2:DescribeAddresses"),
    "ec2/internetGateway:InternetGateway": Needs("ec2:CreateInternetGateway", "ec2:DescribeInternetGateways"),
    "ec2/natGateway:NatGateway": Needs("ec2:CreateNatGateway", "ec2:DescribeNatGateways"),
    "ec2/routeTable:RouteTable": Needs("ec2:CreateRouteTable", "ec2:DescribeRouteTables"),
    "ec2/routeTableAssociation:RouteTableAssociation": Needs("ec2:AssociateRouteTable", "ec2:DescribeRouteTables"),
    "ec2/securityGroup:SecurityGroup": Needs("ec2:CreateSecurityGroup", "ec2:DescribeSecurityGroups"),
    "ec2/subnet:Subnet": Needs("ec2:CreateSubnet", "ec2:DescribeSubnets"),
    "ec2/vpc:Vpc": Needs("ec2:CreateVpc", "ec2:DescribeVpcs"),
    "ec2/vpcEndpoint:VpcEndpoint": Needs("ec2:CreateVpcEndpoint", "ec2:DescribeVpcEndpoints"),
    "ecr/lifecyclePolicy:LifecyclePolicy": Needs("ecr:PutLifecyclePolicy", "ecr:GetLifecyclePolicy", _RULES),
    "ecr/repository:Repository": Needs("ecr:CreateRepository", "ecr:DescribeRepositories", _REPOSITORY),
    "ecr/repositoryPolicy:RepositoryPolicy": Needs("ecr:SetRepositoryPolicy", "ecr:GetRepositoryPolicy", _RULES),
    "ecs/cluster:Cluster": Needs("ecs:CreateCluster", "ecs:DescribeClusters"),
    "ecs/clusterCapacityProviders:ClusterCapacityProviders": Needs(
        "ecs:PutClusterCapacityProviders", "ecs:DescribeClusters"
    ),
    "ecs/service:Service": Needs("ecs:CreateService", "ecs:DescribeServices"),
    "ecs/taskDefinition:TaskDefinition": Needs("ecs:RegisterTaskDefinition", "ecs:DescribeTaskDefinition"),
    "iam/role:Role": Needs("iam:CreateRole", "iam:GetRole", _ROLE),
    "iam/rolePolicy:RolePolicy": Needs("iam:PutRolePolicy", "iam:GetRolePolicy", _POLICY),
    "lb/listener:Listener": Needs("elasticloadbalancing:CreateListener", "elasticloadbalancing:DescribeListeners"),
    "lb/loadBalancer:LoadBalancer": Needs(
        "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:DescribeLoadBalancers"
    ),
    "lb/targetGroup:TargetGroup": Needs(
        "elasticloadbalancing:CreateTargetGroup", "elasticloadbalancing:DescribeTargetGroups"
    ),
    "rds/instance:Instance": Needs("rds:CreateDBInstance", "rds:DescribeDBInstances"),
    "rds/subnetGroup:SubnetGroup": Needs("rds:CreateDBSubnetGroup", "rds:DescribeDBSubnetGroups"),
    "route53/record:Record": Needs("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", _RECORD),
    "s3/bucket:Bucket": Needs("s3:CreateBucket", "s3:ListBucket", _BUCKET),
    "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Needs(
        "s3:PutLifecycleConfiguration", "s3:GetLifecycleConfiguration", _BUCKET
    ),
    "s3/bucketPolicy:BucketPolicy": Needs("s3:PutBucketPolicy", "s3:GetBucketPolicy", _BUCKET),
    "s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Needs(
        "s3:PutBucketPublicAccessBlock", "s3:GetBucketPublicAccessBlock", _BUCKET
    ),
    "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Needs(
        "s3:PutEncryptionConfiguration", "s3:GetEncryptionConfiguration", _BUCKET
    ),
    "s3/bucketVersioning:BucketVersioning": Needs("s3:PutBucketVersioning", "s3:GetBucketVersioning", _BUCKET),
    "secretsmanager/secret:Secret": Needs("secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", _SECRET),
    "secretsmanager/secretVersion:SecretVersion": Needs(
        "secretsmanager:PutSecretValue", "secretsmanager:GetSecretValue", _VERSION
    ),
    "servicediscovery/httpNamespace:HttpNamespace": Needs(
        "servicediscovery:CreateHttpNamespace", "servicediscovery:GetNamespace"
    ),
    "vpc/securityGroupEgressRule:SecurityGroupEgressRule": Needs(
        "ec2:AuthorizeSecurityGroupEgress", "ec2:DescribeSecurityGroupRules"
    ),
    "vpc/securityGroupIngressRule:SecurityGroupIngressRule": Needs(
        "ec2:AuthorizeSecurityGroupIngress", "ec2:DescribeSecurityGroupRules"
    ),
}
"""For each type that the program declares, the action that creates it and the one that reads it.
https://docs.aws.amazon.com/service-authorization/latest/reference/"""


@cache
def roles() -> dict[str, list[dict[str, Any]]]:
    """The statements of each role, by its name in docs/ci.md, on a test's account."""
    text = (ROOT / "docs" / "ci.md").read_text()
    found = dict(re.findall(r"^\*\*(\w+)\*\* .*?```json\n(.*?)```", text, re.MULTILINE | re.DOTALL))
    filled = {
        name: re.sub(r"\b(ACCOUNT|REGION|CONTENT|ZONE)\b", lambda word: PLACEHOLDERS[word[0]], document)
        for name, document in found.items()
    }
    statements = {name: json.loads(document)["Statement"] for name, document in filled.items()}
    return {**statements, "deploy": [*statements["preview"], *statements["deploy"]]}


@cache
def declared() -> Declared:
    return declare_program(
        build={"context": "image/sample", "consumers": ["000000000001"]},
        ingress={"domain": "api.marginalia.sh", "zone-id": ZONE},
        network={"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": "nat"},
        protect=True,
    )


def as_list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else value


def allows(statements: list[dict[str, Any]], action: str, arn: str) -> bool:
    return any(
        any(fnmatchcase(action, each) for each in as_list(statement["Action"]))
        and any(fnmatchcase(arn, each) for each in as_list(statement["Resource"]))
        for statement in statements
    )


def needs() -> list[tuple[Registration, Needs]]:
    of_aws = [each for each in declared().registrations if each.type.startswith("aws:")]
    return [(each, NEEDS[each.type.removeprefix("aws:")]) for each in of_aws]


def test_the_table_has_every_type_of_the_program_and_no_other() -> None:
    types = {each.removeprefix("aws:") for each in declared().types if each.startswith("aws:")}
    assert types == set(NEEDS)


def test_deploy_may_create_every_resource_of_the_program() -> None:
    required = [(need.create, need.arn(each)) for each, need in needs()]
    assert [each for each in required if not allows(roles()["deploy"], *each)] == []


@pytest.mark.parametrize("role", ["preview", "deploy"])
def test_a_role_may_read_every_resource_of_the_program(role: str) -> None:
    required = [(need.read, need.arn(each)) for each, need in needs()]
    assert [each for each in required if not allows(roles()[role], *each)] == []


def test_preview_may_create_nothing() -> None:
    required = [(need.create, need.arn(each)) for each, need in needs() if need.create != need.read]
    assert [each for each in required if allows(roles()["preview"], *each)] == []


def test_deploy_may_pass_every_role_of_a_task() -> None:
    roles_of_tasks = [_ROLE(each) for each in declared().of(types.ROLE).values()]
    assert [each for each in roles_of_tasks if not allows(roles()["deploy"], "iam:PassRole", each)] == []


def test_no_role_may_read_a_secret_that_the_program_does_not_create() -> None:
    other = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:another-AbCdEf"
    assert [name for name, role in roles().items() if allows(role, "secretsmanager:GetSecretValue", other)] == []


def test_every_arn_of_a_role_belongs_to_the_program_or_to_the_state() -> None:
    created = {need.arn(each) for each, need in needs()}
    patterns = {each for role in roles().values() for statement in role for each in as_list(statement["Resource"])}
    stale = {each for each in patterns if not any(fnmatchcase(arn, each) for arn in created)}
    assert stale - {"*"} == {
        "arn:aws:s3:::STATE",
        "arn:aws:s3:::STATE/*",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/KEY",
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/*",
    }
