from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import rds
from tests.unit.simulator.world import World, network, refusal

PASSWORD_RULE = 'InvalidParameterValue: MasterUserPassword is 8 to 128 printable characters other than / @ " and space'


def instance(world: World, **changes: Any) -> dict[str, Any]:
    _, subnets = network(world)
    world.create(rds.SUBNET_GROUP, name="mrgnl", subnetIds=[each.id for each in subnets])
    good = {"identifier": "mrgnl", "dbSubnetGroupName": "mrgnl", "port": 5432.0, "skipFinalSnapshot": True}
    return {**good, "password": "a" * 32, **changes}


@pytest.mark.parametrize(
    "password", ["a" * 7, "a" * 129, "pass/word", "pass@word", 'pass"word', "pass word", "pässword", ""]
)
def test_a_password_that_postgresql_on_rds_does_not_allow_is_refused(world: World, password: str) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html: MasterUserPassword."""
    assert world.refusal(rds.INSTANCE, **instance(world, password=password)) == PASSWORD_RULE


@pytest.mark.parametrize("password", ["a" * 8, "a" * 128, "!#$%&'()*+,-.0:;<=>?[]^_`{|}~\\"])
def test_a_password_of_eight_to_128_other_printable_characters_is_accepted(world: World, password: str) -> None:
    assert world.create(rds.INSTANCE, **instance(world, password=password))


def test_an_instance_has_an_address_that_a_url_can_hold(world: World) -> None:
    made = world.create(rds.INSTANCE, **instance(world)).properties
    assert made["endpoint"] == f"{made['address']}:5432"


def test_an_instance_goes_with_a_final_snapshot_or_says_that_it_does_not(world: World) -> None:
    """What the provider demands: https://www.pulumi.com/registry/packages/aws/api-docs/rds/instance/"""
    inputs = instance(world, skipFinalSnapshot=False)
    assert world.refusal(rds.INSTANCE, **inputs) == (
        "final_snapshot_identifier is required when skip_final_snapshot is false"
    )
    assert world.create(rds.INSTANCE, **inputs, finalSnapshotIdentifier="mrgnl-final")


def test_a_protected_instance_is_not_deleted(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"""
    made = world.create(rds.INSTANCE, **instance(world, deletionProtection=True))
    assert refusal(lambda: world.delete(made)) == (
        "InvalidParameterCombination: cannot delete protected DB instance; disable deletion protection first"
    )
    world.delete(world.update(made, deletionProtection=False))
    assert world.all(rds.INSTANCE) == []


def test_a_subnet_group_within_one_zone_is_refused(world: World) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html"""
    _, subnets = network(world)
    assert world.refusal(rds.SUBNET_GROUP, name="mrgnl", subnetIds=[subnets[0].id]) == (
        "DBSubnetGroupDoesNotCoverEnoughAZs: the subnets must cover at least two Availability Zones"
    )
