from __future__ import annotations

import re
from typing import Any

from tests.declared import Declared, declare
from tests.unit.components import build

INSTANCE = "aws:rds/instance:Instance"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"


def database(**changes: Any) -> Declared:
    return declare(lambda: build.database(build.network(), **changes))


def test_the_instance_is_an_encrypted_private_postgresql_16() -> None:
    declared = database()
    instance = declared.one(INSTANCE, "database-instance")
    inputs = dict(instance.inputs)
    password = inputs.pop("password")
    assert inputs == {
        "identifier": "mrgnl",
        "engine": "postgres",
        "engineVersion": "16",
        "autoMinorVersionUpgrade": True,
        "instanceClass": "db.t4g.micro",
        "storageType": "gp3",
        "allocatedStorage": 20,
        "storageEncrypted": True,
        "multiAz": False,
        "dbName": "marginalia",
        "username": "marginalia",
        "port": 5432,
        "dbSubnetGroupName": "database-subnets-physical",
        "vpcSecurityGroupIds": [declared.one("aws:ec2/securityGroup:SecurityGroup", "database-access-group").id],
        "publiclyAccessible": False,
        "backupRetentionPeriod": 1,
        "copyTagsToSnapshot": True,
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "applyImmediately": True,
    }
    assert re.fullmatch("[A-Za-z0-9]{40}", password)
    assert instance.secrets == {"password"}


def test_it_lies_in_the_private_subnets() -> None:
    declared = database()
    subnets = declared.of("aws:ec2/subnet:Subnet")
    group = declared.one("aws:rds/subnetGroup:SubnetGroup", "database-subnets").inputs
    assert group["subnetIds"] == [subnets[f"network-private-us-east-1{zone}"].id for zone in "ab"]


def test_nothing_may_reach_it_until_a_service_opens_its_own_way_in() -> None:
    assert not [each for each in database().types if "Rule" in each]


def test_the_url_is_a_secret_that_demands_tls_and_carries_the_password_of_the_instance() -> None:
    declared = database()
    version = declared.one(VERSION, "database-url-version")
    instance = declared.one(INSTANCE, "database-instance").inputs
    assert version.secrets == {"secretString"}
    url = version.inputs["secretString"]
    assert re.fullmatch(
        rf"postgres://marginalia:{instance['password']}@mrgnl\.\w+\.us-east-1\.rds\.amazonaws\.com:5432/marginalia\?sslmode=require",
        url,
    )


def test_the_output_names_the_secrets_version_so_that_a_rotation_is_a_rollout() -> None:
    declared = database()
    outputs = declared.outputs_of("marginalia:database:Database")
    secret = declared.one(SECRET, "database-url")
    assert re.fullmatch(rf"{re.escape(secret.id)}:::\w+", outputs["url_secret"])


def test_a_former_version_stays_for_the_tasks_that_still_run_with_it() -> None:
    assert database().one(VERSION, "database-url-version").options.retainOnDelete is True


def test_another_revision_is_another_password() -> None:
    keepers = [
        database(password_revision=revision)
        .one("random:index/randomPassword:RandomPassword", "database-password")
        .inputs["keepers"]
        for revision in (1, 2)
    ]
    assert keepers == [{"revision": "1"}, {"revision": "2"}]


def test_a_protected_database_leaves_a_snapshot_and_is_deleted_neither_by_rds_nor_by_pulumi() -> None:
    declared = database(protect=True)
    instance = declared.one(INSTANCE, "database-instance")
    assert [instance.inputs[key] for key in ("deletionProtection", "skipFinalSnapshot")] == [True, False]
    assert re.fullmatch("mrgnl-final-[0-9a-f]{8}", instance.inputs["finalSnapshotIdentifier"])
    assert instance.options.protect is True
    assert declared.one(SECRET, "database-url").inputs["recoveryWindowInDays"] == 30


def test_an_unprotected_databases_secret_frees_its_name_at_once() -> None:
    assert database().one(SECRET, "database-url").inputs == {"recoveryWindowInDays": 0}
