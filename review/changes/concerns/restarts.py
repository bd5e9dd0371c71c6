"""Changes of a database that restart it, or that wait for its maintenance window.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html lists for each setting whether
its change causes downtime. Multi-AZ, storage size, IOPS, security groups and the password cause none.
"""

from __future__ import annotations

from collections.abc import Callable

from ecs import types
from review.changes.concerns.concern import Check, Checks, Finding, Topic, at, number
from review.deployment.state import Properties

SETTINGS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html"
PARAMETERS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html"


def _when(inputs: Properties) -> str:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html: 60 to 120 seconds."""
    time = "at once" if inputs.get("applyImmediately") else "in the next maintenance window"
    return f"{time} by a failover to the standby, typically within 2 minutes" if inputs.get("multiAz") else time


def _at_once(_: Properties) -> str:
    """A change of the port ignores ApplyImmediately.

    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
    """
    return "at once"


def _restarts(
    property: str, subject: str, verb: str = "restarts", when: Callable[[Properties], str] = _when
) -> Callable[[Properties, Properties], Finding]:
    def finding(before: Properties, after: Properties) -> Finding:
        old, new = at(before, property), at(after, property)
        if old == new:
            return None
        values = f" changes from {old} to {new}" if None not in (old, new) else " changes"
        return f"{subject}{values}: {verb} {when(after)}"

    return finding


def _version(before: Properties, after: Properties) -> Finding:
    """A change of the major version cannot be taken back.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.PostgreSQL.html
    """
    old, new = (str(each.get("engineVersion")) for each in (before, after))
    if old == new:
        return None
    text = f"engine version changes from {old} to {new}: restarts {_when(after)}"
    if old.split(".")[0] == new.split(".")[0]:
        return text
    return "caution", f"{text}; only a restored snapshot takes it back"


def _storage_type(before: Properties, after: Properties) -> Finding:
    """Only to and from magnetic storage, which is named standard."""
    return (
        _restarts("storageType", "storage type")(before, after)
        if "standard" in (before.get("storageType"), after.get("storageType"))
        else None
    )


def _backups(before: Properties, after: Properties) -> Finding:
    old, new = (number(each.get("backupRetentionPeriod"), 1) for each in (before, after))
    if bool(old) == bool(new):
        return None
    return f"backups are switched {'on' if new else 'off'}: restarts {_when(after)}"


def _waits(property: str, subject: str, unit: str = "") -> Callable[[Properties, Properties], Finding]:
    """A change without a restart that the update does not make. RDS says when: `describe-db-instances`."""

    def finding(before: Properties, after: Properties) -> Finding:
        old, new = at(before, property), at(after, property)
        if old == new or None in (old, new) or after.get("applyImmediately"):
            return None
        values = f" from {old}{unit} to {new}{unit}" if unit else ""
        return f"{subject} changes{values} only in the next maintenance window: until then each preview shows it"

    return finding


def _parameters(before: Properties, after: Properties) -> Finding:
    old, new = before.get("parameterGroupName"), after.get("parameterGroupName")
    text = f"another parameter group, {new}: nothing restarts; its parameters apply after the next reboot"
    return text if old != new else None


def _check(
    finding: Callable[[Properties, Properties], Finding], source: str = SETTINGS, topic: Topic = "restart"
) -> Check:
    return Check(topic=topic, severity="warning", finding=finding, source=source)


CHECKS: Checks = {
    types.DB_INSTANCE: (
        _check(_restarts("instanceClass", "class")),
        _check(_version),
        _check(_restarts("port", "port", when=_at_once)),
        _check(_restarts("dbSubnetGroupName", "subnet group")),
        _check(_restarts("identifier", "identifier", "may restart")),
        _check(_storage_type),
        _check(_restarts("licenseModel", "license model")),
        _check(_restarts("caCertIdentifier", "CA certificate", "may restart")),
        _check(_restarts("networkType", "network type", "may restart")),
        _check(_restarts("dedicatedLogVolume", "dedicated log volume")),
        _check(_backups),
        _check(_parameters, PARAMETERS, topic="later"),
        _check(_waits("allocatedStorage", "storage", " GiB"), topic="later"),
        _check(_waits("multiAz", "the number of zones"), topic="later"),
    ),
}
