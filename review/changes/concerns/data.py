"""Data that can be lost, and protection that is switched off, by resource type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from ecs import types
from review.changes.concerns.concern import (
    Check,
    Checks,
    Event,
    Finding,
    Severity,
    at,
    number,
    switched_off,
    switched_on,
)
from review.deployment.state import Properties
from review.nouns import counted

UPDATE: frozenset[Event] = frozenset({"update"})
SATELLITE: frozenset[Event] = frozenset({"update", "detach"})
"""Of a resource that protects another one: to delete it ends the protection."""
EXPIRY: frozenset[Event] = frozenset({"attach", "update"})
"""Of a lifecycle policy, which deletes data also if it is new."""
FOREVER = 10**9
"""Days of a log group without a retention period."""
RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/"
ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/"
LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/"
SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/"


def lowered(property: str, default: int, clause: str, zero: str) -> Callable[[Properties, Properties], Finding]:
    """`clause` has the fields before and after; `zero` replaces it, as a caution, if nothing is left."""

    def finding(before: Properties, after: Properties) -> Finding:
        old, new = (number(at(each, property), default) for each in (before, after))
        if new >= old:
            return None
        return clause.format(before=old, after=new) if new else ("caution", zero)

    return finding


def _log_retention(before: Properties, after: Properties) -> Finding:
    """0 and no value mean that logs never expire."""
    old, new = (number(at(each, "retentionInDays"), 0) or FOREVER for each in (before, after))
    if new >= old:
        return None
    former = "for ever" if old == FOREVER else str(old)
    return f"logs are kept for {counted(new, 'day')} instead of {former}: older ones are deleted"


def _versioning(before: Properties, after: Properties) -> Finding:
    path = "versioningConfiguration.status"
    if at(before, path) == "Enabled" and at(after, path) != "Enabled":
        return "versioning is suspended: a deleted or overwritten object cannot be restored"
    return None


def _object_lifecycle(before: Properties, after: Properties) -> Finding:
    """The shortest expiry of each rule: S3 deletes objects by the first rule that applies."""
    old, new = _expiries(before), _expiries(after)
    for key, days in new.items():
        if key not in old:
            return f"a rule deletes {key[1]} after {counted(days, 'day')}"
        if days < old[key]:
            return f"{key[1]} are deleted after {counted(days, 'day')} instead of {old[key]}"
    return None


def _expiries(inputs: Properties) -> dict[tuple[str, str], int]:
    """Days by rule and kind of object; a rule counts with its filter, so that a wider filter is a new rule."""
    found: dict[tuple[str, str], int] = {}
    for rule in cast(list[Properties], inputs.get("rules") or []):
        if rule.get("status") != "Enabled":
            continue
        key = f"{rule.get('id')} {rule.get('filter')}"
        for path, kind in (
            ("expiration.days", "objects"),
            ("noncurrentVersionExpiration.noncurrentDays", "previous versions"),
        ):
            if (days := number(at(rule, path), 0)) > 0:
                found[key, kind] = days
    return found


def _image_lifecycle(before: Properties, after: Properties) -> Finding:
    old, new = ({_selection(each): _count(each) for each in _image_rules(inputs)} for inputs in (before, after))
    for selection, count in new.items():
        if selection not in old:
            return "a lifecycle rule deletes more images"
        if count < old[selection]:
            return f"a lifecycle rule keeps images to {count} instead of {old[selection]} ({selection[1]})"
    return None


def _image_rules(inputs: Properties) -> Iterator[Mapping[str, Any]]:
    policy = inputs.get("policy")
    rules: object = cast(Properties, policy).get("rules") if isinstance(policy, dict) else None
    for rule in cast(list[Properties], rules) if isinstance(rules, list) else []:
        yield cast(Mapping[str, Any], rule.get("selection") or {})


def _selection(rule: Mapping[str, Any]) -> tuple[str, str]:
    images = f"{rule.get('tagStatus')} {rule.get('tagPrefixList')} {rule.get('tagPatternList')}"
    return images, str(rule.get("countType"))


def _count(rule: Mapping[str, Any]) -> int:
    return number(rule.get("countNumber"), 0)


def _encryption(before: Properties, after: Properties) -> Finding:
    path = "rules.applyServerSideEncryptionByDefault.sseAlgorithm"
    old, new = at(before, path), at(after, path)
    return f"encryption changes from {old} to {new or 'the default of S3'}" if old and old != new else None


def _mutable(before: Properties, after: Properties) -> Finding:
    mutable = after.get("imageTagMutability", "MUTABLE") == "MUTABLE"
    return (
        "a tag can be moved to another image"
        if mutable and "IMMUTABLE" in str(before.get("imageTagMutability"))
        else None
    )


def _without_key(before: Properties, after: Properties) -> Finding:
    return "not encrypted with a KMS key" if before.get("kmsKeyId") and not after.get("kmsKeyId") else None


def _data(finding: Callable[[Properties, Properties], Finding], source: str, on: frozenset[Event] = UPDATE) -> Check:
    return Check(topic="data", severity="caution", finding=finding, source=source, on=on)


def _protection(
    finding: Callable[[Properties, Properties], Finding],
    source: str,
    severity: Severity = "caution",
    on: frozenset[Event] = UPDATE,
) -> Check:
    return Check(topic="protection", severity=severity, finding=finding, source=source, on=on)


CHECKS: Checks = {
    types.DB_INSTANCE: (
        _protection(
            switched_off("deletionProtection", "deletion protection is switched off"), f"{RDS}USER_DeleteInstance.html"
        ),
        _protection(
            switched_on("skipFinalSnapshot", "no final snapshot is taken when it is deleted"),
            f"{RDS}USER_DeleteInstance.html",
        ),
        _data(
            lowered(
                "backupRetentionPeriod",
                1,
                "backups are kept for {after} instead of {before} days: older ones are deleted",
                "backups are switched off: the existing ones are deleted",
            ),
            f"{RDS}USER_WorkingWithAutomatedBackups.BackupRetention.html",
        ),
        _protection(
            switched_on("deleteAutomatedBackups", "backups are deleted with it"), f"{RDS}USER_DeleteInstance.html"
        ),
        _protection(
            switched_off("multiAz", "no standby in a second zone: a failure of its zone is an outage"),
            f"{RDS}Concepts.MultiAZSingleStandby.html",
            "warning",
        ),
        _protection(switched_off("storageEncrypted", "not encrypted"), f"{RDS}Overview.Encryption.html", "warning"),
    ),
    types.BUCKET: (
        _protection(switched_on("forceDestroy", "can be deleted with all its objects"), f"{S3}delete-bucket.html"),
    ),
    types.BUCKET_VERSIONING: (_protection(_versioning, f"{S3}Versioning.html", on=SATELLITE),),
    types.BUCKET_LIFECYCLE: (_data(_object_lifecycle, f"{S3}object-lifecycle-mgmt.html", on=EXPIRY),),
    types.BUCKET_ENCRYPTION: (_protection(_encryption, f"{S3}bucket-encryption.html", "warning", SATELLITE),),
    types.REPOSITORY: (
        _protection(switched_on("forceDelete", "can be deleted with all its images"), f"{ECR}repository-delete.html"),
        _protection(_mutable, f"{ECR}image-tag-mutability.html", "warning"),
        _protection(
            switched_off("imageScanningConfiguration.scanOnPush", "images are not scanned"),
            f"{ECR}image-scanning.html",
            "warning",
        ),
    ),
    types.LIFECYCLE_POLICY: (_data(_image_lifecycle, f"{ECR}LifecyclePolicies.html", on=EXPIRY),),
    types.LOG_GROUP: (
        _data(_log_retention, f"{LOGS}APIReference/API_PutRetentionPolicy.html"),
        _protection(_without_key, f"{LOGS}logs/encrypt-log-data-kms.html", "warning"),
    ),
    types.SECRET: (
        _protection(
            lowered(
                "recoveryWindowInDays",
                30,
                "once deleted it can be restored for {after} instead of {before} days",
                "once deleted it cannot be restored",
            ),
            f"{SECRETS}apireference/API_DeleteSecret.html",
        ),
    ),
    types.LOAD_BALANCER: (
        _protection(
            switched_off("enableDeletionProtection", "deletion protection is switched off"),
            f"{ELB}edit-load-balancer-attributes.html",
            "warning",
        ),
        _protection(
            switched_off("accessLogs.enabled", "access logs are switched off"),
            f"{ELB}load-balancer-access-logs.html",
            "warning",
        ),
        _protection(
            switched_off("dropInvalidHeaderFields", "invalid headers are passed on"),
            f"{ELB}edit-load-balancer-attributes.html",
            "warning",
        ),
    ),
}
