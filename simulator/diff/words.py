"""What a reviewer calls a resource type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

KINDS = 12
"""Kinds of resources that an inventory names."""

NOUNS = {
    "aws:acm/certificate:Certificate": "TLS certificate",
    "aws:cloudwatch/logGroup:LogGroup": "log group",
    "aws:ec2/eip:Eip": "public address",
    "aws:ec2/natGateway:NatGateway": "NAT gateway",
    "aws:ec2/vpc:Vpc": "VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "VPC endpoint",
    "aws:ecr/repository:Repository": "ECR repository",
    "aws:ecs/cluster:Cluster": "ECS cluster",
    "aws:ecs/service:Service": "ECS service",
    "aws:iam/role:Role": "IAM role",
    "aws:iam/rolePolicy:RolePolicy": "IAM policy",
    "aws:appautoscaling/policy:Policy": "scaling policy",
    "aws:appautoscaling/target:Target": "scaling target",
    "aws:lb/listener:Listener": "listener",
    "aws:rds/instance:Instance": "RDS instance",
    "aws:rds/subnetGroup:SubnetGroup": "RDS subnet group",
    "aws:route53/record:Record": "DNS record",
    "aws:s3/bucket:Bucket": "S3 bucket",
    "aws:secretsmanager/secret:Secret": "Secrets Manager secret",
    "aws:servicediscovery/httpNamespace:HttpNamespace": "Service Connect namespace",
    "pulumi:providers:aws": "AWS provider",
}


def noun(type: str) -> str:
    """The last word of the token, taken apart, for a type that has no name of its own here."""
    return NOUNS.get(type) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type.rsplit(":", 1)[-1]).lower()


def counted(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    plural = (
        f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}{'e' * (word[-1] == 's')}s"
    )
    return f"{number} {plural}"


def inventory(types: Iterable[str]) -> str:
    """As `2 subnets, 1 VPC`, the most frequent first; what remains of more than KINDS kinds is only counted."""
    found = Counter(noun(each) for each in types)
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(number for _, number in ordered[KINDS:])
    named = [counted(number, word) for word, number in ordered[:KINDS]]
    return ", ".join([*named, *([f"{rest} more"] if rest else [])])
