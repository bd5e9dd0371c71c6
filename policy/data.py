"""House rules on the resources that store data: encryption, retention and protection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs import types
from policy.rule import Resource, of, resource_rule, stack_rule, used

STORES = (types.BUCKET, types.DB_INSTANCE, types.REPOSITORY)
"""The resource types that lose data when they are deleted."""


@resource_rule(
    id="databases-are-encrypted",
    description="A database is encrypted at rest.",
    types={types.DB_INSTANCE},
    fix="Set storage_encrypted to True; RDS cannot encrypt an existing database.",
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
)
def databases_are_encrypted(resource: Resource) -> Iterator[str]:
    if not resource.props.get("storageEncrypted"):
        yield "the database is not encrypted"


@stack_rule(
    id="buckets-are-encrypted",
    description="A bucket has an encryption configuration of its own.",
    fix="Add a BucketServerSideEncryptionConfiguration for the bucket.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
)
def buckets_are_encrypted(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    encrypted = used(of(resources, types.BUCKET_ENCRYPTION), "bucket")
    for bucket in of(resources, types.BUCKET):
        if bucket.urn not in encrypted:
            yield bucket, "the bucket has no encryption configuration"


@stack_rule(
    id="buckets-block-public-access",
    description="A bucket, for content or logs, blocks public access.",
    fix="Add a BucketPublicAccessBlock for the bucket.",
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def buckets_block_public_access(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    blocked = used(of(resources, types.BUCKET_PUBLIC_ACCESS), "bucket")
    for bucket in of(resources, types.BUCKET):
        if bucket.urn not in blocked:
            yield bucket, "the bucket does not block public access"


@resource_rule(
    id="logs-expire",
    description="A log group has a retention period.",
    types={types.LOG_GROUP},
    fix="Set retention_in_days.",
    source="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
)
def logs_expire(resource: Resource) -> Iterator[str]:
    if not resource.props.get("retentionInDays"):
        yield "its logs never expire"


@resource_rule(
    id="protected-data-is-kept",
    description="AWS too protects the data that Pulumi protects, and a protected database has backups.",
    types=frozenset(STORES),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
)
def protected_data_is_kept(resource: Resource) -> Iterator[str]:
    if not resource.protect:
        return
    props = resource.props
    if resource.type == types.DB_INSTANCE:
        if not props.get("deletionProtection"):
            yield "only Pulumi protects the database. Set deletion_protection to True."
        if props.get("skipFinalSnapshot"):
            yield "deleting the database leaves no final snapshot. Set skip_final_snapshot to False."
        if not props.get("backupRetentionPeriod"):
            yield "the database has no backups. Set `database.backup-days` to 1 or more."
    if props.get("forceDestroy"):
        yield "the bucket can be deleted with all its objects. Set force_destroy to False."
    if props.get("forceDelete"):
        yield "the repository can be deleted with all its images. Set force_delete to False."


@stack_rule(
    id="a-stack-protects-all-its-data",
    description="A stack that protects one bucket, database or repository protects all of them.",
    source="https://www.pulumi.com/docs/iac/concepts/options/protect/",
)
def a_stack_protects_all_its_data(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    # Sorted, because the engine reports resources in no fixed order.
    stores = sorted(of(resources, *STORES), key=lambda each: each.name)
    protections = [
        *(f"{each.name} is" for each in stores if each.protect),
        *(f"AWS protects {each.name}" for each in stores if each.props.get("deletionProtection")),
    ]
    if not protections:
        return
    for store in stores:
        if not store.protect:
            yield store, f"is not protected by Pulumi, although {protections[0]}. Set ResourceOptions(protect=True)."
    versioned = used(_enabled_versioning(resources), "bucket")
    for bucket in of(stores, types.BUCKET):
        if bucket.urn not in versioned:
            yield bucket, "the bucket keeps no previous versions. Add a BucketVersioning with the status Enabled."


def _enabled_versioning(resources: Sequence[Resource]) -> list[Resource]:
    return [
        each
        for each in of(resources, types.BUCKET_VERSIONING)
        if each.props.get("versioningConfiguration", {}).get("status") == "Enabled"
    ]
