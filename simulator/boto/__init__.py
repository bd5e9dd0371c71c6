"""boto3 clients of the simulated cloud, with the methods that ops and the program use: one file for each AWS service.

A client sees one account and region. Errors are botocore's ClientError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.boto.cloudwatch import Cloudwatch
from simulator.boto.ecr import Ecr
from simulator.boto.ecs import Ecs
from simulator.boto.elbv2 import Elbv2
from simulator.boto.iam import Iam
from simulator.boto.logs import Logs
from simulator.boto.rds import Rds
from simulator.boto.s3 import S3
from simulator.boto.scheduler import Scheduler
from simulator.boto.secretsmanager import SecretsManager
from simulator.boto.service_quotas import ServiceQuotas
from simulator.boto.ssm import Ssm
from simulator.store import Store

CLIENTS: Mapping[str, Callable[..., Any]] = {
    "cloudwatch": Cloudwatch,
    "ecr": Ecr,
    "ecs": Ecs,
    "elbv2": Elbv2,
    "iam": Iam,
    "logs": Logs,
    "rds": Rds,
    "s3": S3,
    "scheduler": Scheduler,
    "secretsmanager": SecretsManager,
    "service-quotas": ServiceQuotas,
    "ssm": Ssm,
}
"""By boto3's name of the service."""


def client(service: str, *, store: Store, account: str, region: str, **options: Any) -> Any:
    return CLIENTS[service](store=store, account=account, region=region, **options)
