"""Database instances and subnet groups. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from ecs import types
from simulator import logins
from simulator.aws import changes
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure


def _validate_subnet_group(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"""
    zones = {
        each.properties["availabilityZone"]
        for each in request.visible(types.SUBNET)
        if each.id in request.inputs["subnetIds"]
    }
    if len(zones) < 2:
        yield "DBSubnetGroupDoesNotCoverEnoughAZs: the subnets must cover at least two Availability Zones"


def _validate_instance(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
    if not re.fullmatch(r"[!#-.0-?A-~]{8,128}", str(request.inputs.get("password", ""))):
        yield 'InvalidParameterValue: MasterUserPassword is 8 to 128 printable characters other than / @ " and space'
    if not request.inputs.get("skipFinalSnapshot") and not request.inputs.get("finalSnapshotIdentifier"):
        yield "final_snapshot_identifier is required when skip_final_snapshot is false"


def _storage(request: Request) -> tuple[float, float]:
    """The allocated storage of the existing instance, 0 if there is none, and the requested one, in GiB."""
    existing = request.existing()
    before = existing.properties.get("allocatedStorage", 0) if existing else 0
    return before, request.inputs.get("allocatedStorage", before)


def _kept_storage(request: Request) -> float:
    """At least 10 % more than before: RDS rounds a smaller increase up.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    """
    before, after = _storage(request)
    return max(after, math.ceil(before * 11 / 10)) if after > before else after


def _validate_deletion_protection(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    if request.inputs.get("deletionProtection"):
        yield "InvalidParameterCombination: cannot delete protected DB instance; disable deletion protection first"


TYPES = {
    types.DB_SUBNET_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:rds:{region}:{account}:subgrp:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        references={"subnetIds": (types.SUBNET, "id")},
        validate=_validate_subnet_group,
        validate_update=changes.subnet_group.reasons,
        failure=Failure(
            source="rds/subnet_group.go",
            quota="DBSubnetGroupQuotaExceeded: exceeding the allowed number of DB subnet groups.",
        ),
    ),
    types.DB_INSTANCE: ResourceType(
        id="db-{hex}",
        outputs={
            "arn": "arn:aws:rds:{region}:{account}:db:{identifier}",
            "address": "{identifier}.{hex}.{region}.rds.amazonaws.com",
            "endpoint": "{address}:{port:.0f}",
        },
        kept={"allocatedStorage": _kept_storage},
        internal={logins.PASSWORD: lambda request, _: logins.digest(request.inputs.get("password"))},
        replace_on_changes=frozenset({"dbName", "engine", "storageEncrypted", "username"}),
        name_property="identifier",
        references={
            "dbSubnetGroupName": (types.DB_SUBNET_GROUP, "name"),
            "vpcSecurityGroupIds": (types.SECURITY_GROUP, "id"),
        },
        validate=_validate_instance,
        validate_update=changes.instance.reasons,
        validate_delete=_validate_deletion_protection,
        failure=Failure(
            source="rds/instance.go",
            unreadable=frozenset({"applyImmediately", "finalSnapshotIdentifier", "password", "skipFinalSnapshot"}),
            quota="InstanceQuotaExceeded: DB Instance quota exceeded",
        ),
    ),
}
