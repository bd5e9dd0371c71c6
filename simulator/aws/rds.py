"""Database instances and subnet groups. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs import types
from ecs.database import least_increase
from simulator import logins
from simulator.aws import changes, rds_parameters, rds_secret
from simulator.aws.rds_instance import storage
from simulator.aws.rds_operation import instance
from simulator.check import Checks
from simulator.cloud import Change, Request, ResourceType, as_list
from simulator.failure import Failure
from simulator.store import Object, Properties

subnet_group = Checks[Request](types.DB_SUBNET_GROUP)
GROUP = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"


def _subnets(request: Request) -> list[Object]:
    return [each for each in request.visible(types.SUBNET) if each.id in as_list(request.inputs.get("subnetIds"))]


@subnet_group(GROUP)
def covers_two_zones(request: Request) -> Iterable[str]:
    """The subnets are in at least two Availability Zones."""
    if len({each.properties.get("availabilityZone") for each in _subnets(request)}) < 2:
        yield "DBSubnetGroupDoesNotCoverEnoughAZs: the subnets must cover at least two Availability Zones"


@subnet_group(GROUP)
def is_in_one_vpc(request: Request) -> Iterable[str]:
    """The subnets are in one VPC."""
    found = {each.id: each.properties["vpcId"] for each in _subnets(request)}
    if len({*found.values()}) > 1:
        yield f"InvalidSubnet: the subnets are in different VPCs: {found}"


@subnet_group(GROUP)
def has_a_valid_name(request: Request) -> Iterable[str]:
    """The name is 1 to 255 lower-case letters, digits, spaces, and . _ -, and not `default`.

    AWS keeps a name in lower case, and the provider takes no other.
    """
    name = request.inputs.get("name") or ""
    if not re.fullmatch(r"[ 0-9a-z._-]{1,255}", name) or name == "default":
        yield f"InvalidParameterValue: the name {name!r} is not 1 to 255 lower-case letters, digits, spaces and . _ -"


def _logins(request: Request, _: Properties) -> Properties:
    """Those in the database, which no request to RDS changes."""
    existing = request.existing()
    return existing.properties.get(logins.LOGINS, {}) if existing else {}


def _kept_storage(request: Request) -> float:
    before, after = storage(request)
    return max(after, least_increase(before)) if after > before else after


def _suppressed(old: Properties, new: Properties) -> Iterable[str]:
    """A storage that RDS increased by itself is no difference while it may do so.

    `allocated_storage` in https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/rds/instance.go#L96
    """
    before, wanted, most = old.get("allocatedStorage"), new.get("allocatedStorage"), new.get("maxAllocatedStorage") or 0
    if isinstance(before, float | int) and isinstance(wanted, float | int) and before > wanted < most:
        yield "allocatedStorage"


DEFERRED = frozenset(
    """
    allocatedStorage caCertIdentifier dbSubnetGroupName engineVersion identifier instanceClass iops licenseModel multiAz
    networkType storageThroughput storageType
    """.split()  # noqa: SIM905, it reads as a list of words
)
"""What RDS changes in the maintenance window without ApplyImmediately. The password is not among it, nor the port.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html"""


def _deferred(change: Change) -> Iterable[str]:
    """The window comes as soon as the update has ended: the simulator has no clock."""
    if not change.request.inputs.get("applyImmediately"):
        yield from (key for key in DEFERRED if change.changes(key))
        if change.changes("backupRetentionPeriod") and not (
            change.before.get("backupRetentionPeriod") and change.request.inputs["backupRetentionPeriod"]
        ):
            yield "backupRetentionPeriod"


def _validate_deletion_protection(request: Request) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    if request.inputs.get("deletionProtection"):
        yield "InvalidParameterCombination: cannot delete protected DB instance; disable deletion protection first"


TYPES = {
    **rds_parameters.TYPES,
    types.DB_SUBNET_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:rds:{region}:{account}:subgrp:{name}"},
        replace_on_changes=frozenset({"name"}),
        name_property="name",
        references={"subnetIds": (types.SUBNET, "id")},
        validate=subnet_group.reasons,
        validate_update=changes.subnet_group.reasons,
        failure=Failure(
            source="rds/subnet_group.go",
            quota="DBSubnetGroupQuotaExceeded: exceeding the allowed number of DB subnet groups.",
        ),
    ),
    types.DB_INSTANCE: ResourceType(
        id="db-{base32}",
        outputs={
            "arn": "arn:aws:rds:{region}:{account}:db:{identifier}",
            "address": "{identifier}.c{hex:.11}.{region}.rds.amazonaws.com",
            "endpoint": "{address}:{port:.0f}",
            "masterUserSecrets": rds_secret.described,
        },
        recomputed=frozenset({"masterUserSecrets"}),
        planned_as_before=frozenset({"masterUserSecrets"}),
        kept={"allocatedStorage": _kept_storage},
        suppressed=_suppressed,
        deferred=_deferred,
        internal={logins.PASSWORD: lambda request, _: rds_secret.password(request), logins.LOGINS: _logins},
        replace_on_changes=frozenset({"dbName", "engine", "storageEncrypted", "username"}),
        name_property="identifier",
        references={
            "dbSubnetGroupName": (types.DB_SUBNET_GROUP, "name"),
            "parameterGroupName": (types.DB_PARAMETER_GROUP, "name"),
            "vpcSecurityGroupIds": (types.SECURITY_GROUP, "id"),
        },
        validate=instance.reasons,
        validate_update=changes.instance.reasons,
        validate_delete=_validate_deletion_protection,
        failure=Failure(
            source="rds/instance.go",
            unreadable=frozenset(
                """
                applyImmediately finalSnapshotIdentifier manageMasterUserPassword password skipFinalSnapshot
                """.split()  # noqa: SIM905, it reads as a list of words
            ),
            restored=frozenset({"manageMasterUserPassword"}),
            quota="InstanceQuotaExceeded: DB Instance quota exceeded",
        ),
    ),
}
