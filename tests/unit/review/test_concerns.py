"""What should worry a reviewer, by resource type: each clause is the worst first."""

from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from review.changes.concerns.concern import Concern
from tests.unit.review.deployments import Raw, compared, component, references, resource

DATABASE = component("database", "marginalia:database:Database")
OTHER = resource(types.EIP, "address", DATABASE)
BUCKET = resource(types.BUCKET, "content", DATABASE, {"bucket": "content"})


def found(before: list[Raw], after: list[Raw], *steps: tuple[str, Raw]) -> tuple[Concern, ...]:
    return compared([DATABASE, OTHER, *before], [DATABASE, OTHER, *after], *steps).concerns


def clauses(type: str, before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    old, new = (resource(type, "it", DATABASE, inputs) for inputs in (before, after))
    return [(each.severity, each.text) for each in found([old], [new], ("update", new))]


def expiry(days: int, prefix: str = "", status: str = "Enabled") -> dict[str, Any]:
    rule = {"id": "old", "status": status, "filter": {"prefix": prefix}, "expiration": {"days": days}}
    return {"rules": [rule]}


def images(count: int, status: str = "untagged") -> dict[str, Any]:
    selection = {"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": count}
    return {"policy": f'{{"rules": [{{"selection": {str(selection).replace(chr(39), chr(34))}}}]}}'}


def versioning(status: str) -> dict[str, Any]:
    return {"versioningConfiguration": {"status": status}}


@pytest.mark.parametrize(
    ("type", "before", "after", "clause"),
    [
        (types.DB_INSTANCE, {"deletionProtection": True}, {}, "deletion protection is switched off"),
        (types.DB_INSTANCE, {}, {"skipFinalSnapshot": True}, "no final snapshot is taken when it is deleted"),
        (types.DB_INSTANCE, {}, {"deleteAutomatedBackups": True}, "backups are deleted with it"),
        (
            types.DB_INSTANCE,
            {"backupRetentionPeriod": 14},
            {"backupRetentionPeriod": 3},
            "backups are kept for 3 instead of 14 days: older ones are deleted",
        ),
        (types.SECRET, {}, {"recoveryWindowInDays": 0}, "once deleted it cannot be restored"),
        (
            types.SECRET,
            {"recoveryWindowInDays": 30},
            {"recoveryWindowInDays": 7},
            "once deleted it can be restored for 7 instead of 30 days",
        ),
        (types.BUCKET, {}, {"forceDestroy": True}, "can be deleted with all its objects"),
        (types.REPOSITORY, {}, {"forceDelete": True}, "can be deleted with all its images"),
        (
            types.LOG_GROUP,
            {"retentionInDays": 90},
            {"retentionInDays": 7},
            "logs are kept for 7 days instead of 90: older ones are deleted",
        ),
        (
            types.LOG_GROUP,
            {"retentionInDays": 0},
            {"retentionInDays": 365},
            "logs are kept for 365 days instead of for ever: older ones are deleted",
        ),
        (
            types.BUCKET_VERSIONING,
            versioning("Enabled"),
            versioning("Suspended"),
            "versioning is suspended: a deleted or overwritten object cannot be restored",
        ),
        (types.BUCKET_LIFECYCLE, expiry(90), expiry(30), "objects are deleted after 30 days instead of 90"),
        (types.BUCKET_LIFECYCLE, expiry(90, "tmp/"), expiry(90), "a rule deletes objects after 90 days"),
        (types.BUCKET_LIFECYCLE, expiry(9, status="Disabled"), expiry(9), "a rule deletes objects after 9 days"),
        (
            types.LIFECYCLE_POLICY,
            images(20),
            images(2),
            "a lifecycle rule keeps images to 2 instead of 20 (imageCountMoreThan)",
        ),
        (types.LIFECYCLE_POLICY, images(20), images(20, "any"), "a lifecycle rule deletes more images"),
        (
            types.BUCKET_PUBLIC_ACCESS,
            {"blockPublicPolicy": True},
            {"blockPublicPolicy": False},
            "public access is no longer blocked (blockPublicPolicy)",
        ),
        (types.BUCKET, {}, {"acl": "public-read"}, "the ACL is public-read"),
        (types.DB_INSTANCE, {}, {"publiclyAccessible": True}, "newly has a public address"),
    ],
)
def test_lost_protection_and_new_exposure_are_a_caution(
    type: str, before: dict[str, Any], after: dict[str, Any], clause: str
) -> None:
    assert clauses(type, before, after) == [("caution", clause)]
    assert clauses(type, after, after) == []


@pytest.mark.parametrize(
    ("type", "before", "after"),
    [
        (types.DB_INSTANCE, {}, {"deletionProtection": True}),
        (types.DB_INSTANCE, {"backupRetentionPeriod": 3}, {"backupRetentionPeriod": 14}),
        (types.LOG_GROUP, {"retentionInDays": 7}, {"retentionInDays": 90}),
        (types.LOG_GROUP, {"retentionInDays": 7}, {}),
        (types.SECRET, {"recoveryWindowInDays": 0}, {}),
        (types.BUCKET_LIFECYCLE, expiry(30), expiry(90)),
        (types.BUCKET_LIFECYCLE, expiry(30), {}),
        (types.LIFECYCLE_POLICY, images(2), images(20)),
        (
            types.DB_INSTANCE,
            {"allocatedStorage": 20, "multiAz": False},
            {"allocatedStorage": 40, "multiAz": True, "applyImmediately": True},
        ),
        (types.DB_INSTANCE, {"storageType": "gp2"}, {"storageType": "gp3"}),
        (types.SERVICE, {"desiredCount": 1}, {"desiredCount": 2}),
    ],
)
def test_more_protection_and_routine_are_no_concern(type: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert clauses(type, before, after) == []


@pytest.mark.parametrize(
    ("before", "after", "concern"),
    [
        (
            {"instanceClass": "a", "applyImmediately": True},
            {"instanceClass": "b", "applyImmediately": True},
            ("warning", "class changes from a to b: restarts at once"),
        ),
        (
            {"instanceClass": "a", "multiAz": True},
            {"instanceClass": "b", "multiAz": True},
            (
                "warning",
                "class changes from a to b: restarts in the next maintenance window by a failover to the standby,"
                " typically within 2 minutes",
            ),
        ),
        (
            {"engineVersion": "16.3"},
            {"engineVersion": "16.4"},
            ("warning", "engine version changes from 16.3 to 16.4: restarts in the next maintenance window"),
        ),
        (
            {"engineVersion": "16"},
            {"engineVersion": "17"},
            (
                "caution",
                "engine version changes from 16 to 17: restarts in the next maintenance window;"
                " only a restored snapshot takes it back",
            ),
        ),
        ({"port": 5432}, {"port": 5433}, ("warning", "port changes from 5432 to 5433: restarts at once")),
        (
            {"backupRetentionPeriod": 0},
            {"backupRetentionPeriod": 7},
            ("warning", "backups are switched on: restarts in the next maintenance window"),
        ),
        ({"multiAz": True}, {}, ("warning", "no standby in a second zone: a failure of its zone is an outage")),
        (
            {},
            {"parameterGroupName": "slow-queries"},
            (
                "warning",
                "another parameter group, slow-queries: nothing restarts; its parameters apply after the next reboot",
            ),
        ),
    ],
)
def test_a_change_that_restarts_the_database_says_when(
    before: dict[str, Any], after: dict[str, Any], concern: tuple[str, str]
) -> None:
    assert clauses(types.DB_INSTANCE, before, after) == [concern]


def test_a_change_that_waits_for_the_window_is_not_made_when_the_update_ends() -> None:
    before, after = {"allocatedStorage": 20, "multiAz": False}, {"allocatedStorage": 40, "multiAz": True}
    end = "only in the next maintenance window: until then each preview shows it"
    assert clauses(types.DB_INSTANCE, before, after) == [
        ("warning", f"storage changes from 20 GiB to 40 GiB {end}"),
        ("warning", f"the number of zones changes {end}"),
    ]


def test_backups_that_are_switched_off_are_lost_and_restart_the_database() -> None:
    assert clauses(types.DB_INSTANCE, {"backupRetentionPeriod": 7}, {"backupRetentionPeriod": 0}) == [
        ("caution", "backups are switched off: the existing ones are deleted"),
        ("warning", "backups are switched off: restarts in the next maintenance window"),
    ]


@pytest.mark.parametrize(
    ("type", "before", "after", "clause"),
    [
        (
            types.SERVICE,
            {"networkConfiguration": {"assignPublicIp": False}},
            {"networkConfiguration": {"assignPublicIp": True}},
            "tasks newly have public addresses",
        ),
        (types.SERVICE, {}, {"enableExecuteCommand": True}, "a shell can be opened in tasks"),
        (types.SUBNET, {}, {"mapPublicIpOnLaunch": True}, "newly assigns public addresses"),
        (
            types.TASK_DEFINITION,
            {"containerDefinitions": [{"name": "x", "readonlyRootFilesystem": True}]},
            {"containerDefinitions": [{"name": "x", "readonlyRootFilesystem": False}]},
            "the container can write to its file system",
        ),
        (
            types.TASK_DEFINITION,
            {"containerDefinitions": [{"name": "x"}]},
            {"containerDefinitions": [{"name": "x", "user": "0:0"}]},
            "the container runs as root",
        ),
        (types.ROLE, {"permissionsBoundary": "x"}, {}, "the permissions boundary is removed"),
        (types.LISTENER, {"sslPolicy": "new"}, {"sslPolicy": "old"}, "the TLS policy changes from new to old"),
        (types.VPC_ENDPOINT, {"policy": "x"}, {}, "the policy no longer limits access"),
        (types.LOAD_BALANCER, {"enableDeletionProtection": True}, {}, "deletion protection is switched off"),
        (types.REPOSITORY, {"imageTagMutability": "IMMUTABLE"}, {}, "a tag can be moved to another image"),
    ],
)
def test_wider_access_of_a_resource_is_a_warning(
    type: str, before: dict[str, Any], after: dict[str, Any], clause: str
) -> None:
    assert clauses(type, before, after) == [("warning", clause)]


def test_a_container_without_a_health_check_says_what_that_costs() -> None:
    check = {"healthCheck": {"command": ["CMD", "/service", "-healthcheck"]}}
    bare, checked = ({"containerDefinitions": [{"name": "x", **more}]} for more in ({}, check))
    [(severity, clause)] = clauses(types.TASK_DEFINITION, checked, bare)
    assert (severity, clause.partition(":")[0]) == ("warning", "no health check")
    assert "40 seconds" in clause
    assert clauses(types.TASK_DEFINITION, bare, checked) == clauses(types.TASK_DEFINITION, {}, bare) == []


@pytest.mark.parametrize(
    ("type", "severity"),
    [(types.DB_INSTANCE, "caution"), (types.BUCKET, "caution"), (types.REPOSITORY, "caution"), (types.VPC, "warning")],
)
def test_a_resource_that_pulumi_no_longer_protects_is_a_concern_without_an_engine_step(
    type: str, severity: str
) -> None:
    old = resource(type, "it", DATABASE, protect=True)
    [concern] = found([old], [{**old, "protect": False}])
    assert (concern.severity, concern.text) == (severity, "no longer protected by Pulumi")


def test_a_deleted_protection_is_a_concern_only_if_its_bucket_stays() -> None:
    old = resource(types.BUCKET_VERSIONING, "it", DATABASE, versioning("Enabled"), **references(bucket=BUCKET))
    [concern] = found([BUCKET, old], [BUCKET], ("delete", old))
    assert concern.text == "versioning is suspended: a deleted or overwritten object cannot be restored"
    with_bucket = found([BUCKET, old], [], ("delete", old), ("delete", BUCKET))
    assert [each.type for each in with_bucket] == [types.BUCKET]


def test_a_new_expiry_of_a_new_bucket_is_no_concern() -> None:
    new = resource(types.BUCKET_LIFECYCLE, "it", DATABASE, expiry(3), **references(bucket=BUCKET))
    assert found([], [BUCKET, new]) == ()
    [concern] = found([BUCKET], [BUCKET, new])
    assert concern.text == "a rule deletes objects after 3 days"


def test_a_new_public_address_is_a_warning_and_a_first_deployment_has_none() -> None:
    new = resource(types.EIP, "another", DATABASE)
    assert [(each.topic, each.name) for each in found([], [new])] == [("address", "another")]
    assert compared([], [DATABASE, OTHER]).concerns == ()


def test_a_public_address_that_is_given_up_is_a_warning() -> None:
    address = resource(types.EIP, "nat", DATABASE)
    [concern] = found([address], [], ("delete", address))
    assert (concern.severity, concern.topic, concern.text) == (
        "warning",
        "address",
        "the public address is given up: what leaves through it has another one, which others may not allow",
    )


def test_of_two_losses_the_logs_come_last() -> None:
    logs = [resource(types.LOG_GROUP, "logs", DATABASE, {"retentionInDays": days}) for days in (30, 7)]
    instances = [resource(types.DB_INSTANCE, "db", DATABASE, {"backupRetentionPeriod": days}) for days in (14, 1)]
    concerns = found([logs[0], instances[0]], [logs[1], instances[1]])
    assert [each.type for each in concerns] == [types.DB_INSTANCE, types.LOG_GROUP], "a restore is worth more than logs"


def test_replacing_data_is_the_first_concern_and_replacing_other_resources_the_last() -> None:
    network = resource(types.VPC, "network", DATABASE)
    concerns = found([BUCKET, network], [BUCKET, network], ("replace", network), ("replace", BUCKET))
    assert [(each.severity, each.topic) for each in concerns] == [("caution", "data"), ("warning", "replacement")]
