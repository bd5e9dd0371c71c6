"""The egress modes of tasks and the subnets of a VPC."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Literal

BLOCKS = 16
"""The number of equal CIDR blocks in a VPC: half for public and half for private subnets, one per zone."""
INTERNET = "0.0.0.0/0"

Egress = Literal["public", "endpoints", "nat", "nat-per-zone"]
"""How tasks reach AWS and the internet.

public: public subnets with public IPv4 addresses, which are the only cost; for a dev stack.
endpoints: interface endpoints in the private subnets; AWS only, no internet.
nat: private subnets with one NAT gateway, whose zone is a single point of failure.
nat-per-zone: private subnets with one NAT gateway per zone.
"""

NEEDED_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "secretsmanager")
"""The endpoints that a Fargate task requires to start, in addition to S3, where ECR stores the layers.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""

SESSION_ENDPOINT = "ssmmessages"
"""The endpoint that a session in a task requires, in addition.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""


def blocks(cidr: IPv4Network) -> tuple[list[IPv4Network], list[IPv4Network]]:
    """The CIDR blocks of the public and of the private subnets, in the order of the zones."""
    every = list(cidr.subnets(new_prefix=cidr.prefixlen + BLOCKS.bit_length() - 1))
    return every[: BLOCKS // 2], every[BLOCKS // 2 :]
