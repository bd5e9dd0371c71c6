"""Reads what is around the services: the targets of the gateway, the database and the alarms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ops.cloud import Cloud, requesting
from ops.ecs import Running
from ops.stack import Description


class Elbv2(Protocol):
    """The methods of boto3's client of Elastic Load Balancing that this module uses."""

    def describe_target_health(self, *, TargetGroupArn: str) -> Any: ...  # noqa: N803, the name is boto3's


class Rds(Protocol):
    """The methods of boto3's RDS client that this module uses."""

    def describe_db_instances(self, *, DBInstanceIdentifier: str) -> Any: ...  # noqa: N803


class Cloudwatch(Protocol):
    """The methods of boto3's CloudWatch client that this module uses."""

    def describe_alarms(self, **request: Any) -> Any: ...


PASSING = ("healthy", "initial", "draining")
"""The states of a target in service, and of one that a rollout starts or stops."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html"""

    address: str
    state: str
    reason: str
    """A code, such as Target.ResponseCodeMismatch; empty if it is healthy."""
    description: str


@dataclass(frozen=True, kw_only=True)
class Database:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBInstance.html"""

    name: str
    status: str
    instance_class: str
    storage: int
    """GiB."""
    multi_az: bool
    pending: tuple[str, ...]
    """The names of the values that the next maintenance window changes."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    name: str
    reason: str


def targets_of(cloud: Cloud, stack: Description, running: Running) -> tuple[Target, ...]:
    """The tasks of a service as its load balancer sees them; none for a service without one. Raises UserError."""
    if not running.target_groups:
        return ()
    with requesting("Elastic Load Balancing", stack.account, stack.region):
        elbv2 = cloud.client("elbv2", stack.account, stack.region)
        return tuple(target for each in running.target_groups for target in targets(elbv2, each))


def problem_of(running: Running, targets: Collection[Target]) -> str:
    """Why not all requests reach the service, in a sentence; empty if they do, or if it has no load balancer."""
    if not running.target_groups:
        return ""
    if not any(each.state == "healthy" for each in targets):
        return "the load balancer has no healthy target."
    unhealthy = [each for each in targets if each.state not in PASSING]
    return f"{len(unhealthy)} of {len(targets)} targets of the load balancer are not healthy." if unhealthy else ""


def targets(elbv2: Elbv2, target_group: str) -> tuple[Target, ...]:
    """The targets of a group, sorted by address; none if the group does not exist."""
    try:
        found = elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    except ClientError as error:
        if "TargetGroupNotFound" in str(error):
            return ()
        raise
    return tuple(sorted(map(_target, found), key=lambda each: each.address))


def _target(found: dict[str, Any]) -> Target:
    health = found["TargetHealth"]
    return Target(
        address=found["Target"]["Id"],
        state=health["State"],
        reason=health.get("Reason", ""),
        description=health.get("Description", ""),
    )


def database(rds: Rds, name: str) -> Database | None:
    """None if it does not exist."""
    try:
        [found] = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    except ClientError as error:
        if "DBInstanceNotFound" in str(error):
            return None
        raise
    return Database(
        name=name,
        status=found["DBInstanceStatus"],
        instance_class=found["DBInstanceClass"],
        storage=found["AllocatedStorage"],
        multi_az=found.get("MultiAZ", False),
        pending=tuple(sorted(key for key, value in found.get("PendingModifiedValues", {}).items() if value)),
    )


def alarms(cloudwatch: Cloudwatch, prefix: str) -> tuple[Alarm, ...]:
    """The alarms with this prefix that are in the state ALARM: 100 at most.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    # Without AlarmTypes, CloudWatch returns metric alarms only.
    found = cloudwatch.describe_alarms(
        AlarmNamePrefix=prefix, StateValue="ALARM", AlarmTypes=["CompositeAlarm", "MetricAlarm"], MaxRecords=100
    )
    both = [*found.get("CompositeAlarms", []), *found.get("MetricAlarms", [])]
    return tuple(
        Alarm(name=each["AlarmName"], reason=each.get("StateReason", ""))
        for each in both
        if each["StateValue"] == "ALARM"
    )
