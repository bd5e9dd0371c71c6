"""The image of each service whose migration succeeded last, which the program records in a parameter.

docs/adr/0016-a-migration-runs-once-for-each-image.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from ecs import types
from ops.cloud import Cloud
from ops.errors import code
from ops.stack import Description

PERMISSIONS = ("ssm:GetParameter",)


@dataclass(frozen=True, kw_only=True)
class Migration:
    service: str
    digest: str
    """Its first 12 digits; empty if the parameter does not exist."""


def read(cloud: Cloud, found: Description) -> Iterator[Migration]:
    """By the services that migrate. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html"""
    for name in sorted(found.ids.get(types.PARAMETER, ())):
        *_, service, kind = name.split("/")
        if kind == "migrated":
            yield Migration(service=service, digest=_value(cloud, found, name).removeprefix("sha256:")[:12])


def _value(cloud: Cloud, found: Description, name: str) -> str:
    try:
        return cloud.client("ssm", found.account, found.region).get_parameter(Name=name)["Parameter"]["Value"]
    except ClientError as error:
        if code(error) != "ParameterNotFound":
            raise
        return ""
