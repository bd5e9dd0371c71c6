"""Nouns for resource types, and lists of nouns and names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from ecs import types

KINDS = 12
"""The number of kinds of resources that an inventory lists."""
NAMED = 3
"""Names of a longer list that are shown; the others are counted."""
ALL = 5
"""Names of a list that is shown whole."""

NOUNS = {
    types.CERTIFICATE: "TLS certificate",
    types.LOG_GROUP: "log group",
    types.EIP: "public address",
    types.NAT_GATEWAY: "NAT gateway",
    types.VPC: "VPC",
    types.VPC_ENDPOINT: "VPC endpoint",
    types.REPOSITORY: "ECR repository",
    types.CLUSTER: "ECS cluster",
    types.SERVICE: "ECS service",
    types.ROLE: "IAM role",
    types.ROLE_POLICY: "IAM policy",
    types.SCALING_POLICY: "scaling policy",
    types.SCALING_TARGET: "scaling target",
    types.LISTENER: "listener",
    types.LISTENER_RULE: "listener rule",
    types.DB_INSTANCE: "RDS instance",
    types.DB_PARAMETER_GROUP: "RDS parameter group",
    types.DB_SUBNET_GROUP: "RDS subnet group",
    types.RECORD: "DNS record",
    types.BUCKET: "S3 bucket",
    types.SECRET: "Secrets Manager secret",
    types.PARAMETER: "SSM parameter",
    types.NAMESPACE: "Service Connect namespace",
    types.AWS_PROVIDER: "AWS provider",
}


def noun(type: str) -> str:
    """The entry in NOUNS, or the words of the last part of the type token."""
    return NOUNS.get(type) or re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", type.rsplit(":", 1)[-1]).lower()


def counted(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    plural = (
        f"{word[:-1]}ies" if word.endswith("y") and word[-2] not in "aeiou" else f"{word}{'e' * (word[-1] == 's')}s"
    )
    return f"{number} {plural}"


def listed(names: list[str]) -> str:
    """As `a, b, c and 4 more`."""
    return ", ".join(names) if len(names) <= ALL else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def inventory(types: Iterable[str]) -> str:
    """As `2 subnets, 1 VPC, 3 more`: the most frequent kinds first, and the number of resources of all others."""
    found = Counter(noun(each) for each in types)
    ordered = sorted(found.items(), key=lambda each: (-each[1], each[0]))
    rest = sum(number for _, number in ordered[KINDS:])
    named = [counted(number, word) for word, number in ordered[:KINDS]]
    return ", ".join([*named, *([f"{rest} more"] if rest else [])])
