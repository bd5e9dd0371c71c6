from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from ecs.database import overlap
from tests.unit.simulator.world import World, network, rejection

PASSWORD_RULE = 'InvalidParameterValue: MasterUserPassword is 8 to 128 printable characters other than / @ " and space'


def instance(world: World, **changes: Any) -> dict[str, Any]:
    _, subnets = network(world)
    world.create(types.DB_SUBNET_GROUP, name="mrgnl", subnetIds=[each.id for each in subnets])
    return {
        "allocatedStorage": 20.0,
        "dbSubnetGroupName": "mrgnl",
        "engine": "postgres",
        "engineVersion": "16",
        "identifier": "mrgnl",
        "instanceClass": "db.t4g.micro",
        "password": "a" * 32,
        "port": 5432.0,
        "skipFinalSnapshot": True,
        "storageType": "gp3",
        "username": "marginalia",
        **changes,
    }


@pytest.mark.parametrize(
    "password", ["a" * 7, "a" * 129, "pass/word", "pass@word", 'pass"word', "pass word", "pässword", ""]
)
def test_a_password_that_rds_does_not_allow_is_rejected(world: World, password: str) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
    assert world.rejection(types.DB_INSTANCE, **instance(world, password=password)) == PASSWORD_RULE


@pytest.mark.parametrize("password", ["a" * 8, "a" * 128, "!#$%&'()*+,-.0:;<=>?[]^_`{|}~\\"])
def test_a_password_of_eight_to_128_other_printable_characters_is_accepted(world: World, password: str) -> None:
    assert world.create(types.DB_INSTANCE, **instance(world, password=password))


def test_the_endpoint_is_address_and_port(world: World) -> None:
    created = world.create(types.DB_INSTANCE, **instance(world)).properties
    assert created["endpoint"] == f"{created['address']}:5432"


def test_an_instance_without_a_final_snapshot_is_rejected_unless_it_skips_it(world: World) -> None:
    """https://www.pulumi.com/registry/packages/aws/api-docs/rds/instance/"""
    inputs = instance(world, skipFinalSnapshot=False)
    assert world.rejection(types.DB_INSTANCE, **inputs) == (
        "final_snapshot_identifier is required when skip_final_snapshot is false"
    )
    assert world.create(types.DB_INSTANCE, **inputs, finalSnapshotIdentifier="mrgnl-final")


def test_an_instance_with_deletion_protection_cannot_be_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    created = world.create(types.DB_INSTANCE, **instance(world, deletionProtection=True))
    assert rejection(lambda: world.delete(created)) == (
        "InvalidParameterCombination: cannot delete protected DB instance; disable deletion protection first"
    )
    world.delete(world.update(created, deletionProtection=False))
    assert world.all(types.DB_INSTANCE) == []


def test_a_subnet_group_in_one_zone_is_rejected(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"""
    _, subnets = network(world)
    assert world.rejection(types.DB_SUBNET_GROUP, name="mrgnl", subnetIds=[subnets[0].id]) == (
        "DBSubnetGroupDoesNotCoverEnoughAZs: the subnets must cover at least two Availability Zones"
    )


@pytest.mark.parametrize(("requested", "kept"), [(20, 20), (21, 22), (22, 22), (30, 30)])
def test_rds_rounds_an_increase_of_the_storage_up_to_a_tenth(world: World, requested: float, kept: float) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"""
    created = world.create(types.DB_INSTANCE, **instance(world, allocatedStorage=20.0))
    assert world.update(created, allocatedStorage=requested).properties["allocatedStorage"] == kept


def test_rds_does_not_decrease_the_storage(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html"""
    created = world.create(types.DB_INSTANCE, **instance(world, allocatedStorage=30.0))
    assert rejection(lambda: world.update(created, allocatedStorage=20.0)) == (
        "InvalidParameterCombination: allocated storage cannot be decreased: 30 GiB to 20 GiB"
    )


def test_a_public_instance_needs_an_internet_gateway(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html"""
    inputs = instance(world, publiclyAccessible=True)
    [vpc] = world.all(types.VPC)
    assert world.rejection(types.DB_INSTANCE, **inputs) == (
        "InvalidVPCNetworkStateFault: cannot create a publicly accessible DB instance: "
        f"{vpc.id} has no internet gateway"
    )
    world.create(types.INTERNET_GATEWAY, vpcId=vpc.id)
    assert world.create(types.DB_INSTANCE, **inputs)


@pytest.mark.parametrize(
    ("backup", "maintenance", "overlaps"),
    [
        ("03:00-03:30", "mon:03:30-mon:04:00", False),
        ("03:00-03:30", "mon:03:29-mon:04:00", True),
        ("23:45-00:15", "mon:00:00-mon:00:30", True),
        ("00:00-00:30", "sun:23:45-mon:00:15", True),
        ("01:00-01:30", "sun:23:45-mon:00:15", False),
    ],
)
def test_windows_overlap_if_they_share_a_minute_of_the_week(backup: str, maintenance: str, overlaps: bool) -> None:
    assert overlap(backup, maintenance) is overlaps
