"""Simulated AWS: one file for each AWS service, named as in the resource types' tokens."""

from simulator.aws import cloudwatch, ec2, ecr, ecs, iam, rds, s3, secretsmanager, servicediscovery

_SERVICES = (cloudwatch, ec2, ecr, ecs, iam, rds, s3, secretsmanager, servicediscovery)

TYPES = {token: kind for service in _SERVICES for token, kind in service.TYPES.items()}
INVOKES = ecr.INVOKES
