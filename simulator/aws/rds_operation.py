"""What RDS refuses of how a database instance is operated: its growth, windows, logs, insights and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ecs import types
from ecs.database import (
    BACKUP_WINDOW,
    HALF_AN_HOUR,
    MAINTENANCE_WINDOW,
    RETENTION,
    has_a_valid_length,
    least_increase,
    minutes,
    overlap,
)
from simulator.aws.rds_instance import COMBINATION, CREATE, INVALID, instance, is_postgres
from simulator.cloud import Request, as_list

INSIGHTS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Considerations.html"
INSIGHTS_CLASSES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.Engines.html"
PARAMETERS = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html"

LOGS = frozenset({"postgresql", "upgrade", "iam-db-auth-error"})
ADVANCED_DAYS = RETENTION["advanced"]


@instance("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html")
def grows_beyond_its_storage(request: Request) -> Iterable[str]:
    """The storage to which RDS may grow an instance is 10 % more than it has, or more."""
    size, most = request.inputs.get("allocatedStorage") or 0, request.inputs.get("maxAllocatedStorage")
    existing = request.existing() if request.id else None
    if (
        most
        and most < least_increase(size)
        and not (existing and existing.properties.get("maxAllocatedStorage") == most)
    ):
        yield (
            f"{COMBINATION}: Invalid max storage size for engine name {request.inputs.get('engine')}: {most:.0f} GiB."
            f" With {size:.0f} GiB it is {least_increase(size)} or more"
        )


@instance(CREATE, confirmed="botocore")
def exports_logs_of_its_engine(request: Request) -> Iterable[str]:
    """PostgreSQL exports the logs postgresql, upgrade and iam-db-auth-error."""
    unknown = sorted({*as_list(request.inputs.get("enabledCloudwatchLogsExports"))} - LOGS)
    if is_postgres(request) and unknown:
        yield f"{COMBINATION}: You cannot use the log types {unknown} with engine version postgres"


@instance(INSIGHTS)
def has_insights_that_it_keeps_long_enough(request: Request) -> Iterable[str]:
    """The advanced mode of Database Insights needs Performance Insights, kept for 465 days or more."""
    days = request.inputs.get("performanceInsightsRetentionPeriod") or 7
    if request.inputs.get("databaseInsightsMode") == "advanced":
        if not request.inputs.get("performanceInsightsEnabled"):
            yield f"{COMBINATION}: the advanced mode of Database Insights needs performanceInsightsEnabled"
        elif days < ADVANCED_DAYS:
            yield f"{COMBINATION}: the advanced mode of Database Insights needs {ADVANCED_DAYS} days, not {days:.0f}"


@instance(INSIGHTS_CLASSES)
def has_insights_only_with_a_class_that_has_the_memory(request: Request) -> Iterable[str]:
    """MariaDB and MySQL have no insights on micro and small burstable classes; PostgreSQL has them on every class."""
    name, engine = request.inputs.get("instanceClass") or "", request.inputs.get("engine")
    is_small = engine in ("mariadb", "mysql") and re.fullmatch(r"db\.t(2|3|4g)\.(micro|small)", name)
    if is_small and request.inputs.get("performanceInsightsEnabled"):
        yield f"{COMBINATION}: Performance Insights not supported for this configuration: {engine} on {name}"


@instance(PARAMETERS)
def has_parameters_of_its_version(request: Request) -> Iterable[str]:
    """The family of its parameter group is that of its engine version."""
    major = re.match(r"9\.6|\d\d", request.inputs.get("engineVersion") or "")
    for each in request.visible(types.DB_PARAMETER_GROUP, name=request.inputs.get("parameterGroupName")):
        family = each.properties.get("family")
        if is_postgres(request) and major and family != f"postgres{major[0]}":
            yield (
                f"{COMBINATION}: The parameter group {each.properties['name']} with DBParameterGroupFamily {family}"
                f" cannot be used for this instance. Use one with DBParameterGroupFamily postgres{major[0]}"
            )


@instance(CREATE, confirmed="cfn-lint")
def keeps_backups_for_at_most_35_days(request: Request) -> Iterable[str]:
    """Backups are kept for 0 to 35 days."""
    days = request.inputs.get("backupRetentionPeriod")
    if days is not None and not 0 <= days <= 35:
        yield f"{INVALID}: Invalid backup retention period: {days:.0f} days. 0 to 35"


@instance(CREATE)
def has_windows_that_do_not_overlap(request: Request) -> Iterable[str]:
    """The backup window, each day, and the maintenance window, each week, last 30 minutes and do not overlap."""
    backup, maintenance = request.inputs.get("backupWindow"), request.inputs.get("maintenanceWindow")
    for name, text, pattern in (("backup", backup, BACKUP_WINDOW), ("maintenance", maintenance, MAINTENANCE_WINDOW)):
        window = minutes(text, pattern) if text else (0, HALF_AN_HOUR)
        if window is None:
            yield f"{INVALID}: The {name} window {text!r} is not in UTC as {pattern.example}"
        elif not has_a_valid_length(window):
            yield f"{INVALID}: The {name} window {text} must be at least 30 minutes and at most a day"
    if backup and maintenance and overlap(backup, maintenance):
        yield f"{INVALID}: The backup window {backup} and maintenance window {maintenance} must not overlap"


@instance(CREATE)
def is_monitored_with_a_role(request: Request) -> Iterable[str]:
    """Enhanced monitoring is off, 0, or every 1, 5, 10, 15, 30 or 60 seconds, and has a role exactly when it is on."""
    seconds, role = request.inputs.get("monitoringInterval") or 0, request.inputs.get("monitoringRoleArn")
    if seconds not in (0, 1, 5, 10, 15, 30, 60):
        yield f"{INVALID}: Invalid monitoring interval {seconds:.0f}: 0, 1, 5, 10, 15, 30, 60"
    if seconds and not role:
        yield f"{COMBINATION}: A MonitoringRoleARN value is required if you specify a MonitoringInterval value"
    if role and not seconds:
        yield f"{COMBINATION}: You must specify a MonitoringInterval value other than 0 with a MonitoringRoleARN"
