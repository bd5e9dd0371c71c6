"""What holds data: encrypted, kept for as long as was said, and with `protect` not to be lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from policy.rule import Resource, Rule, StackRule, of, used

BUCKET = "aws:s3/bucket:Bucket"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
INSTANCE = "aws:rds/instance:Instance"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
REPOSITORY = "aws:ecr/repository:Repository"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


def _database(resource: Resource) -> Iterator[str]:
    if not resource.props.get("storageEncrypted"):
        yield "the database is not encrypted: set storage_encrypted to True; it cannot be changed later"


ENCRYPTED_DATABASE = Rule(
    name="databases-are-encrypted",
    description="A database is encrypted at rest.",
    types=frozenset({INSTANCE}),
    check=_database,
)


def _buckets(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    encrypted = used(of(resources, ENCRYPTION), "bucket")
    for bucket in of(resources, BUCKET):
        if bucket.urn not in encrypted:
            yield bucket, "says nothing of encryption: add a BucketServerSideEncryptionConfiguration for it"


ENCRYPTED_BUCKETS = StackRule(
    name="buckets-are-encrypted",
    description="A bucket says how it is encrypted at rest.",
    check=_buckets,
)


def _retention(resource: Resource) -> Iterator[str]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""
    if not resource.props.get("retentionInDays"):
        yield "its logs never expire: set retention_in_days"


RETENTION = Rule(
    name="logs-expire",
    description="A log group says for how many days it keeps its logs.",
    types=frozenset({LOG_GROUP}),
    check=_retention,
)


def _kept(resource: Resource) -> Iterator[str]:
    if not resource.protect:
        return
    props = resource.props
    if resource.type == INSTANCE:
        if not props.get("deletionProtection"):
            yield "is protected by Pulumi alone: set deletion_protection to True"
        if props.get("skipFinalSnapshot"):
            yield "is deleted without a final snapshot: set skip_final_snapshot to False"
        if not props.get("backupRetentionPeriod"):
            yield "has no backups: set `database.backup-days` to 1 or more"
    if props.get("forceDestroy"):
        yield "is deleted with all objects in it: set force_destroy to False"
    if props.get("forceDelete"):
        yield "is deleted with all images in it: set force_delete to False"


KEPT = Rule(
    name="protected-data-is-kept",
    description="What Pulumi protects AWS protects too, and the database has backups.",
    types=frozenset({BUCKET, INSTANCE, REPOSITORY}),
    check=_kept,
)


def _all_or_none(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    holders = of(resources, BUCKET, INSTANCE, REPOSITORY)
    signs = [
        *(f"{each.name} is" for each in holders if each.protect),
        *(f"AWS protects {each.name}" for each in holders if each.props.get("deletionProtection")),
    ]
    if not signs:
        return
    for holder in holders:
        if not holder.protect:
            yield holder, f"is not protected by Pulumi, though {signs[0]}: give it ResourceOptions(protect=True)"
    versioned = used(_versioning(resources), "bucket")
    for bucket in of(holders, BUCKET):
        if bucket.urn not in versioned:
            yield bucket, "keeps no former versions: add a BucketVersioning for it, with the status Enabled"


def _versioning(resources: Sequence[Resource]) -> list[Resource]:
    return [
        each
        for each in of(resources, VERSIONING)
        if each.props.get("versioningConfiguration", {}).get("status") == "Enabled"
    ]


PROTECTED = StackRule(
    name="a-stack-protects-all-its-data",
    description="Where something that holds data is protected, all that holds data is.",
    check=_all_or_none,
)
