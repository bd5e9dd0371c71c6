"""The database. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterable

from simulator.aws.ec2 import SECURITY_GROUP, SUBNET
from simulator.cloud import Call, ResourceType

SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup"
INSTANCE = "aws:rds/instance:Instance"


def _subnet_group(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"""
    zones = {each.properties["availabilityZone"] for each in call.find(SUBNET) if each.id in call.inputs["subnetIds"]}
    if len(zones) < 2:
        yield "DBSubnetGroupDoesNotCoverEnoughAZs: the subnets must cover at least two Availability Zones"


def _instance(call: Call) -> Iterable[str]:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
    if not re.fullmatch(r"[!#-.0-?A-~]{8,128}", str(call.inputs.get("password", ""))):
        yield 'InvalidParameterValue: MasterUserPassword is 8 to 128 printable characters other than / @ " and space'
    if not call.inputs.get("skipFinalSnapshot") and not call.inputs.get("finalSnapshotIdentifier"):
        yield "final_snapshot_identifier is required when skip_final_snapshot is false"


def _protected(call: Call) -> Iterable[str]:
    if call.inputs.get("deletionProtection"):
        yield "InvalidParameterCombination: cannot delete protected DB instance; disable deletion protection first"


TYPES = {
    SUBNET_GROUP: ResourceType(
        id="{name}",
        outputs={"arn": "arn:aws:rds:{region}:{account}:subgrp:{name}"},
        replaces=frozenset({"name"}),
        named="name",
        refers={"subnetIds": (SUBNET, "id")},
        refuses=_subnet_group,
    ),
    INSTANCE: ResourceType(
        id="db-{hex}",
        outputs={
            "arn": "arn:aws:rds:{region}:{account}:db:{identifier}",
            "address": "{identifier}.{hex}.{region}.rds.amazonaws.com",
            "endpoint": "{address}:{port:.0f}",
        },
        replaces=frozenset({"dbName", "engine", "storageEncrypted", "username"}),
        named="identifier",
        refers={"dbSubnetGroupName": (SUBNET_GROUP, "name"), "vpcSecurityGroupIds": (SECURITY_GROUP, "id")},
        refuses=_instance,
        refuses_deletion=_protected,
    ),
}
