"""Types of single values in a stack file. Messages and the JSON Schema use their descriptions."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from ecs.database import BACKUP_WINDOW, MAINTENANCE_WINDOW, has_a_valid_length, minutes
from ecs.iam import SECRET_REFERENCE
from ecs.image import REFERENCE


def text(pattern: str, description: str) -> Any:
    """A field for strings that match the whole pattern. The description states the valid values."""
    return Field(pattern=f"^(?:{pattern})$", description=description)


IMAGE = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>"
ImageReference = Annotated[str, text(REFERENCE, IMAGE)]
SECRET = (
    "the ARN of a Secrets Manager secret, not its value:"
    " arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>"
)
SecretReference = Annotated[str, text(SECRET_REFERENCE, SECRET)]
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
PolicyArn = Annotated[
    str, text(r"arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9_+=,.@/-]+", "the ARN of an IAM policy of the stack's account")
]
# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html without FIFO topics, which send no e-mail
TopicArn = Annotated[
    str,
    text("arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}", "the ARN of an SNS topic in the stack's region"),
]
EmailAddress = Annotated[str, text(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "an e-mail address, such as ops@example.com")]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
PARTITION = "aws"
"""The partition of every ARN here: not China, GovCloud, the European Sovereign Cloud or an isolated region.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""


@cache
def regions() -> frozenset[str]:
    """The regions of the partition `aws` that the installed botocore knows. A newer one needs a newer botocore."""
    text = (resources.files("botocore") / "data" / "partitions.json").read_text()
    [partition] = [each for each in json.loads(text)["partitions"] if each["id"] == PARTITION]
    return frozenset(partition["regions"]) - {"aws-global"}


NAME = "[a-z][a-z0-9]+(-[a-z0-9]+)*"
"""RDS rejects two consecutive hyphens.
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
CIDR = {"type": "string", "description": "an IPv4 range without host bits, such as 10.20.0.0/16"}
Cidr = Annotated[IPv4Network, WithJsonSchema(CIDR)]
AccountId = Annotated[str, text("[0-9]{12}", "the 12 digits of an AWS account, in quotes")]
DomainName = Annotated[str, text(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", "a domain, such as api.marginalia.sh")]
ZoneId = Annotated[str, text("Z[A-Z0-9]{1,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABC")]
# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html
InstanceClass = Annotated[str, text(r"db\.[a-z0-9-]+\.[a-z0-9]+", "an RDS instance class, such as db.t4g.micro")]


def _has_a_valid_length(window: str) -> str:
    found = minutes(window, BACKUP_WINDOW) or minutes(window, MAINTENANCE_WINDOW)
    if not (found and has_a_valid_length(found)):
        raise PydanticCustomError("window", "half an hour to a day")
    return window


BackupWindow = Annotated[
    str,
    text(BACKUP_WINDOW.expression, "half an hour or more of each day in UTC, such as 04:00-04:30"),
    AfterValidator(_has_a_valid_length),
]
MaintenanceWindow = Annotated[
    str,
    text(MAINTENANCE_WINDOW.expression, "half an hour to a day of each week in UTC, such as sun:05:00-sun:05:30"),
    AfterValidator(_has_a_valid_length),
]
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html without periods, which break TLS
BucketName = Annotated[str, text("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits and hyphens")]


def _can_be_divided(cidr: IPv4Network) -> IPv4Network:
    # Divided into 16 subnets of at least /27, the minimum for a load balancer; a VPC is /16 at most.
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
    if not 16 <= cidr.prefixlen <= 23:
        raise PydanticCustomError("vpc_cidr", "an IPv4 range between /16 and /23")
    return cidr


VpcCidr = Annotated[Cidr, AfterValidator(_can_be_divided)]


def is_simulated(account: str) -> bool:
    """Whether the account belongs to the simulator, whose account ids begin with eleven zeros."""
    return account.startswith("0" * 11)
