"""What holds data."""

from __future__ import annotations

from typing import Any

import pytest

from policy import data
from policy.rule import Resource
from tests.unit.policy.resources import resource, said, said_of

SAFE = {"deletionProtection": True, "skipFinalSnapshot": False, "backupRetentionPeriod": 14.0}


def database(*, protect: bool = False, **props: Any) -> Resource:
    return resource(data.INSTANCE, "database", {**SAFE, **props}, protect=protect)


def bucket(*, protect: bool = False) -> Resource:
    return resource(data.BUCKET, "bucket", protect=protect)


def versioning(status: str) -> Resource:
    return resource(data.VERSIONING, props={"versioningConfiguration": {"status": status}}, uses={"bucket": [bucket()]})


def test_a_database_that_is_not_encrypted_is_refused() -> None:
    assert said(data.ENCRYPTED_DATABASE, database(storageEncrypted=True)) == []
    assert said(data.ENCRYPTED_DATABASE, database()) == [
        "the database is not encrypted: set storage_encrypted to True; it cannot be changed later"
    ]


def test_a_bucket_without_an_encryption_of_its_own_is_refused() -> None:
    other = resource(data.BUCKET, "other")
    assert said_of(data.ENCRYPTED_BUCKETS, [bucket(), resource(data.ENCRYPTION, uses={"bucket": [bucket()]})]) == []
    assert said_of(data.ENCRYPTED_BUCKETS, [bucket(), resource(data.ENCRYPTION, uses={"bucket": [other]})]) == [
        ("bucket", "says nothing of encryption: add a BucketServerSideEncryptionConfiguration for it")
    ]


@pytest.mark.parametrize("props", [{}, {"retentionInDays": 0.0}])
def test_logs_that_never_expire_are_refused(props: dict[str, float]) -> None:
    assert said(data.RETENTION, resource(data.LOG_GROUP, props={"retentionInDays": 30.0})) == []
    assert said(data.RETENTION, resource(data.LOG_GROUP, props=props)) == [
        "its logs never expire: set retention_in_days"
    ]


@pytest.mark.parametrize(
    ("type", "props", "message"),
    [
        (
            data.INSTANCE,
            {"deletionProtection": False},
            "is protected by Pulumi alone: set deletion_protection to True",
        ),
        (
            data.INSTANCE,
            {"skipFinalSnapshot": True},
            "is deleted without a final snapshot: set skip_final_snapshot to False",
        ),
        (data.INSTANCE, {"backupRetentionPeriod": 0.0}, "has no backups: set `database.backup-days` to 1 or more"),
        (data.BUCKET, {"forceDestroy": True}, "is deleted with all objects in it: set force_destroy to False"),
        (data.REPOSITORY, {"forceDelete": True}, "is deleted with all images in it: set force_delete to False"),
    ],
)
def test_what_pulumi_alone_protects_is_refused(type: str, props: dict[str, Any], message: str) -> None:
    safe = SAFE if type == data.INSTANCE else {}
    assert said(data.KEPT, resource(type, props=safe, protect=True)) == []
    assert said(data.KEPT, resource(type, props={**safe, **props}, protect=True)) == [message]
    assert said(data.KEPT, resource(type, props={**safe, **props})) == []


def test_a_stack_that_protects_none_of_its_data_and_one_that_protects_all_pass() -> None:
    none = [database(deletionProtection=False), bucket(), resource(data.REPOSITORY)]
    assert said_of(data.PROTECTED, none) == []
    every = [database(protect=True), bucket(protect=True), versioning("Enabled")]
    assert said_of(data.PROTECTED, every) == []


def test_a_stack_that_protects_some_of_its_data_is_refused() -> None:
    repository = resource(data.REPOSITORY, "repository")
    assert said_of(data.PROTECTED, [database(), bucket(protect=True), versioning("Enabled"), repository]) == [
        ("database", "is not protected by Pulumi, though bucket is: give it ResourceOptions(protect=True)"),
        ("repository", "is not protected by Pulumi, though bucket is: give it ResourceOptions(protect=True)"),
    ]


def test_a_database_that_aws_alone_protects_is_refused() -> None:
    assert said_of(data.PROTECTED, [database()]) == [
        ("database", "is not protected by Pulumi, though AWS protects database: give it ResourceOptions(protect=True)")
    ]


def test_a_protected_bucket_that_keeps_no_versions_is_refused() -> None:
    assert said_of(data.PROTECTED, [bucket(protect=True), versioning("Suspended")]) == [
        ("bucket", "keeps no former versions: add a BucketVersioning for it, with the status Enabled")
    ]
