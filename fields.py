"""What a single value of a stack file may be, in the words of a message and of the JSON Schema."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from ecs.iam import SECRET_REFERENCE
from ecs.image import REFERENCE


def text(pattern: str, description: str) -> Any:
    """A field for a whole string of this pattern; the description says what would be valid."""
    return Field(pattern=f"^(?:{pattern})$", description=description)


IMAGE = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>"
ImageReference = Annotated[str, text(REFERENCE, IMAGE)]
SECRET = "the ARN of a Secrets Manager secret, with :::<version id> when a rotation must be a rollout"
SecretReference = Annotated[str, text(SECRET_REFERENCE, SECRET)]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip
REGION = r"(?!cn-|us-gov-|us-iso|eu-isoe-|eusc-)[a-z]{2}(-[a-z]+)+-[0-9]"
"""Of the partition `aws`, which every ARN here begins with: not China, GovCloud or what is cut off from it."""
NAME = "[a-z][a-z0-9]+(-[a-z0-9]+)*"
"""RDS, for one, refuses two hyphens in a row."""
CIDR = {"type": "string", "description": "an IPv4 range without host bits, such as 10.20.0.0/16"}
Cidr = Annotated[IPv4Network, WithJsonSchema(CIDR)]
SIMULATED = re.compile("0{11}")
"""How the simulator's own accounts begin. They are nobody's."""
AccountId = Annotated[str, text("[0-9]{12}", "the 12 digits of an AWS account, in quotes")]
Domain = Annotated[str, text(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", "a domain, such as api.marginalia.sh")]
ZoneId = Annotated[str, text("Z[A-Z0-9]{1,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABC")]
