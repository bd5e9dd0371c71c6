from __future__ import annotations

from typing import Any

import pytest

from ecs import types
from policy.data import (
    a_stack_protects_all_its_data,
    buckets_are_encrypted,
    buckets_block_public_access,
    databases_are_encrypted,
    logs_expire,
    protected_data_is_kept,
)
from policy.rule import Resource
from tests.unit.policy.resources import messages, resource, stack_messages

SAFE = {"deletionProtection": True, "skipFinalSnapshot": False, "backupRetentionPeriod": 14.0}


def database(*, protect: bool = False, **props: Any) -> Resource:
    return resource(types.DB_INSTANCE, "database", {**SAFE, **props}, protect=protect)


def bucket(*, protect: bool = False) -> Resource:
    return resource(types.BUCKET, "bucket", protect=protect)


def versioning(status: str) -> Resource:
    configuration = {"versioningConfiguration": {"status": status}}
    return resource(types.BUCKET_VERSIONING, props=configuration, uses={"bucket": [bucket()]})


def test_a_database_without_encryption_is_a_violation() -> None:
    assert messages(databases_are_encrypted, database(storageEncrypted=True)) == []
    assert messages(databases_are_encrypted, database()) == [
        "the database is not encrypted. Set storage_encrypted to True; RDS cannot encrypt an existing database."
    ]


def test_a_bucket_without_its_own_encryption_configuration_is_a_violation() -> None:
    other = resource(types.BUCKET, "other")
    encryption = resource(types.BUCKET_ENCRYPTION, uses={"bucket": [bucket()]})
    assert stack_messages(buckets_are_encrypted, [bucket(), other, encryption]) == [
        (
            "other",
            "the bucket has no encryption configuration. Add a BucketServerSideEncryptionConfiguration for the bucket.",
        )
    ]


def test_a_bucket_that_does_not_block_public_access_is_a_violation() -> None:
    other = resource(types.BUCKET, "other")
    block = resource(types.BUCKET_PUBLIC_ACCESS, uses={"bucket": [bucket()]})
    assert stack_messages(buckets_block_public_access, [bucket(), other, block]) == [
        ("other", "the bucket does not block public access. Add a BucketPublicAccessBlock for the bucket.")
    ]


@pytest.mark.parametrize("props", [{}, {"retentionInDays": 0.0}])
def test_a_log_group_without_a_retention_period_is_a_violation(props: dict[str, float]) -> None:
    assert messages(logs_expire, resource(types.LOG_GROUP, props={"retentionInDays": 30.0})) == []
    assert messages(logs_expire, resource(types.LOG_GROUP, props=props)) == [
        "its logs never expire. Set retention_in_days."
    ]


@pytest.mark.parametrize(
    ("type", "props", "message"),
    [
        (
            types.DB_INSTANCE,
            {"deletionProtection": False},
            "only Pulumi protects the database. Set deletion_protection to True.",
        ),
        (
            types.DB_INSTANCE,
            {"skipFinalSnapshot": True},
            "deleting the database leaves no final snapshot. Set skip_final_snapshot to False.",
        ),
        (
            types.DB_INSTANCE,
            {"backupRetentionPeriod": 0.0},
            "the database has no backups. Set `database.backup-days` to 1 or more.",
        ),
        (
            types.BUCKET,
            {"forceDestroy": True},
            "the bucket can be deleted with all its objects. Set force_destroy to False.",
        ),
        (
            types.REPOSITORY,
            {"forceDelete": True},
            "the repository can be deleted with all its images. Set force_delete to False.",
        ),
    ],
)
def test_data_that_only_pulumi_protects_is_a_violation(type: str, props: dict[str, Any], message: str) -> None:
    safe = SAFE if type == types.DB_INSTANCE else {}
    assert messages(protected_data_is_kept, resource(type, props=safe, protect=True)) == []
    assert messages(protected_data_is_kept, resource(type, props={**safe, **props}, protect=True)) == [message]
    assert messages(protected_data_is_kept, resource(type, props={**safe, **props})) == [], "it is not protected"


@pytest.mark.parametrize(
    "resources",
    [
        [database(deletionProtection=False), bucket(), resource(types.REPOSITORY)],
        [database(protect=True), bucket(protect=True), versioning("Enabled")],
    ],
    ids=["none", "all"],
)
def test_a_stack_that_protects_none_or_all_of_its_data_passes(resources: list[Resource]) -> None:
    assert stack_messages(a_stack_protects_all_its_data, resources) == []


def test_a_stack_that_protects_some_of_its_data_is_a_violation() -> None:
    repository = resource(types.REPOSITORY, "repository")
    resources = [database(), bucket(protect=True), versioning("Enabled"), repository]
    message = "is not protected by Pulumi, although bucket is. Set ResourceOptions(protect=True)."
    assert stack_messages(a_stack_protects_all_its_data, resources) == [
        ("database", message),
        ("repository", message),
    ]


def test_a_database_that_only_aws_protects_is_a_violation() -> None:
    assert stack_messages(a_stack_protects_all_its_data, [database()]) == [
        ("database", "is not protected by Pulumi, although AWS protects database. Set ResourceOptions(protect=True).")
    ]


def test_a_protected_bucket_without_enabled_versioning_is_a_violation() -> None:
    assert stack_messages(a_stack_protects_all_its_data, [bucket(protect=True), versioning("Suspended")]) == [
        ("bucket", "the bucket keeps no previous versions. Add a BucketVersioning with the status Enabled.")
    ]
