"""Simulated AWS services: one file for each module in the type tokens."""

from dataclasses import replace

from simulator.aws import (
    acm,
    appautoscaling,
    budgets,
    cloudwatch,
    ec2,
    ecr,
    ecs,
    iam,
    kms,
    lb,
    limits,
    rds,
    route53,
    s3,
    scheduler,
    secretsmanager,
    servicediscovery,
    sns,
    ssm,
    wafv2,
)

_SERVICES = (
    acm,
    appautoscaling,
    budgets,
    cloudwatch,
    ec2,
    ecr,
    ecs,
    iam,
    kms,
    lb,
    rds,
    route53,
    s3,
    scheduler,
    secretsmanager,
    servicediscovery,
    sns,
    ssm,
    wafv2,
)

TYPES = {
    token: replace(kind, check=limits.check(token)) for service in _SERVICES for token, kind in service.TYPES.items()
}
INVOKES = {**ecr.INVOKES, **ecs.INVOKES}
