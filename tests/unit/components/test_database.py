from __future__ import annotations

import re
from typing import Any

import pytest

from ecs import types
from ecs.database import Schedule
from tests.declared import Declared, declare
from tests.unit.components import build


def database(**changes: Any) -> Declared:
    return declare(lambda: build.database(build.network(), **changes))


def test_the_instance_is_an_encrypted_private_postgresql_16() -> None:
    declared = database()
    instance = declared.one(types.DB_INSTANCE, "database-instance")
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
        "maxAllocatedStorage": 80,
        "storageEncrypted": True,
        "multiAz": False,
        "dbName": "marginalia",
        "username": "marginalia",
        "parameterGroupName": "database-parameters-physical",
        "port": 5432,
        "dbSubnetGroupName": "database-subnets-physical",
        "vpcSecurityGroupIds": [declared.one(types.SECURITY_GROUP, "database-access-group").id],
        "publiclyAccessible": False,
        "backupRetentionPeriod": 1,
        "copyTagsToSnapshot": True,
        "deletionProtection": False,
        "skipFinalSnapshot": True,
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "databaseInsightsMode": "standard",
        "applyImmediately": True,
    }
    assert re.fullmatch("[A-Za-z0-9]{40}", password)
    assert instance.secrets == {"password"}


def test_the_instance_is_in_the_private_subnets() -> None:
    declared = database()
    subnets = declared.of(types.SUBNET)
    group = declared.one(types.DB_SUBNET_GROUP, "database-subnets").inputs
    assert group["subnetIds"] == [subnets[f"network-private-us-east-1{zone}"].id for zone in "ab"]


def test_the_logs_that_it_exports_expire_from_the_first_line_on() -> None:
    """RDS creates a missing group, which never expires."""
    declared = database(log_retention_days=90)
    groups = declared.of(types.LOG_GROUP)
    assert {name: each.inputs for name, each in groups.items()} == {
        f"database-logs-{name}": {"name": f"/aws/rds/instance/mrgnl/{name}", "retentionInDays": 90}
        for name in ("postgresql", "upgrade")
    }
    assert {each.urn for each in groups.values()} <= set(
        declared.one(types.DB_INSTANCE, "database-instance").options.dependencies
    )


def test_its_parameters_require_tls_and_log_slow_statements_without_a_reboot() -> None:
    group = database().one(types.DB_PARAMETER_GROUP, "database-parameters").inputs
    assert group == {
        "family": "postgres16",
        "description": "Database of Marginalia",
        "parameters": [
            # https://github.com/hashicorp/terraform-provider-aws/issues/39252
            {"name": "rds.force_ssl", "value": "1", "applyMethod": "pending-reboot"},
            {"name": "log_min_duration_statement", "value": "1000", "applyMethod": "immediate"},
        ],
    }


@pytest.mark.parametrize(
    ("insights", "expected"),
    [
        ("none", {"performanceInsightsEnabled": False, "databaseInsightsMode": "standard"}),
        (
            "standard",
            {
                "performanceInsightsEnabled": True,
                "performanceInsightsRetentionPeriod": 7,
                "databaseInsightsMode": "standard",
            },
        ),
        (
            "advanced",
            {
                "performanceInsightsEnabled": True,
                "performanceInsightsRetentionPeriod": 465,
                "databaseInsightsMode": "advanced",
            },
        ),
    ],
)
def test_each_mode_of_insights_is_kept_as_long_as_rds_requires(insights: str, expected: dict[str, Any]) -> None:
    inputs = database(insights=insights).one(types.DB_INSTANCE, "database-instance").inputs
    assert {key: value for key, value in inputs.items() if "Insights" in key} == expected


def test_the_windows_and_the_time_of_a_change_are_those_of_the_schedule() -> None:
    schedule = Schedule(backup_window="04:00-04:30", maintenance_window="sun:05:00-sun:05:30", apply_immediately=False)
    inputs = database(schedule=schedule).one(types.DB_INSTANCE, "database-instance").inputs
    assert [inputs[key] for key in ("backupWindow", "maintenanceWindow", "applyImmediately")] == [
        "04:00-04:30",
        "sun:05:00-sun:05:30",
        False,
    ]


def test_a_storage_without_a_limit_does_not_grow() -> None:
    assert "maxAllocatedStorage" not in database(storage_limit=None).one(types.DB_INSTANCE, "database-instance").inputs


def test_the_security_group_has_no_rules_without_a_service() -> None:
    assert not [each for each in database().types if "Rule" in each]


def test_the_url_is_a_secret_with_tls_and_the_password_of_the_instance() -> None:
    declared = database()
    version = declared.one(types.SECRET_VERSION, "database-url-version")
    instance = declared.one(types.DB_INSTANCE, "database-instance").inputs
    assert version.secrets == {"secretString"}
    url = version.inputs["secretString"]
    assert re.fullmatch(
        rf"postgres://marginalia:{instance['password']}@mrgnl\.\w+\.us-east-1\.rds\.amazonaws\.com:5432/marginalia\?sslmode=require",
        url,
    )


def test_the_url_has_the_password_only_once_rds_has_it() -> None:
    declared = database()
    instance = declared.one(types.DB_INSTANCE, "database-instance")
    confirmed = declared.one(types.STASH, "database-confirmed-password")
    assert confirmed.inputs == {"input": instance.inputs["password"]}
    assert confirmed.secrets == {"input"}
    assert instance.urn in confirmed.options.dependencies
    version = declared.one(types.SECRET_VERSION, "database-url-version")
    assert set(version.options.propertyDependencies["secretString"].urns) == {instance.urn, confirmed.urn}


def test_the_output_names_the_version_of_the_secret_so_that_a_rotation_deploys_new_tasks() -> None:
    declared = database()
    outputs = declared.outputs_of("marginalia:database:Database")
    secret = declared.one(types.SECRET, "database-url")
    assert re.fullmatch(rf"{re.escape(secret.id)}:::terraform-\w+", outputs["url_secret"])


def test_a_former_version_of_the_secret_is_retained_for_running_tasks() -> None:
    assert database().one(types.SECRET_VERSION, "database-url-version").options.retainOnDelete is True


def test_a_new_password_revision_replaces_the_password() -> None:
    keepers = [
        database(users=build.users(revision=revision)).one(types.RANDOM_PASSWORD, "database-password").inputs["keepers"]
        for revision in (1, 2)
    ]
    assert keepers == [{"revision": "1"}, {"revision": "2"}]


def test_a_protected_database_has_deletion_protection_and_a_final_snapshot() -> None:
    declared = database(protect=True)
    instance = declared.one(types.DB_INSTANCE, "database-instance")
    assert [instance.inputs[key] for key in ("deletionProtection", "skipFinalSnapshot")] == [True, False]
    assert re.fullmatch("mrgnl-final-[0-9a-f]{8}", instance.inputs["finalSnapshotIdentifier"])
    assert instance.options.protect is True
    assert declared.one(types.SECRET, "database-url").inputs["recoveryWindowInDays"] == 30


def test_the_secret_of_an_unprotected_database_is_deleted_without_recovery_window() -> None:
    assert database().one(types.SECRET, "database-url").inputs == {"recoveryWindowInDays": 0}
