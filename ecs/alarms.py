"""The alarms of a stack: what each measures, from which value on it tells somebody, and what its message says.

The values that AWS recommends, its numbers of minutes and its treatment of missing data are those of
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ecs import metrics
from ecs.instance_class import GIB, max_connections
from ecs.metrics import Metric

Comparison = Literal["GreaterThanThreshold", "LessThanThreshold"]
Missing = Literal["breaching", "notBreaching", "missing"]


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """The values from which on an alarm is raised: the keys of `alerts.thresholds` in a stack file."""

    gateway_errors: float
    gateway_unanswered: int
    gateway_latency: float
    service_memory: float
    database_cpu: float
    database_memory: float
    database_storage: float
    database_connections: float
    certificate_days: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. It is raised when `datapoints` of the last `periods` are beyond the threshold."""

    name: str
    """Follows the prefix of the stack."""
    description: str
    """What it means, and the command that shows more."""
    measured: Mapping[str, Metric]
    """By id of the expression."""
    expression: str = ""
    """Metric math. Empty: the only metric.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"""
    comparison: Comparison = "GreaterThanThreshold"
    threshold: float
    datapoints: int
    periods: int
    missing: Missing


def _worst(balancer: Any, targets: Sequence[Any], expression: str, **metric: tuple[str, str]) -> dict[str, Any]:
    """The metrics of each target group, with their names and statistics by id, and the greatest value.

    A group without requests has no value, which FILL makes 0. A single group keeps the expression as it is.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    measured: dict[str, Metric] = {}
    values: list[str] = []
    for number, target in enumerate(targets, start=1):
        ids = {key: key if number == 1 else f"{key}{number}" for key in metric}
        measured |= {ids[key]: metrics.gateway(*metric[key], balancer, target) for key in metric}
        values.append(expression.format_map(ids))
    if len(targets) > 1:
        return {"measured": measured, "expression": f"MAX([{', '.join(f'FILL({each}, 0)' for each in values)}])"}
    return {"measured": measured, "expression": "" if len(metric) == 1 else values[0]}


def gateway(thresholds: Thresholds, balancer: Any, targets: Sequence[Any], status: str) -> Iterator[Alarm]:
    """The alarms that a bad release raises within minutes. ELB has no recommendation of AWS.

    Between two target groups, that of a new release and the former one, the worse one counts.

    Two of three minutes are the form of the alarms of Express Mode services:
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html
    """
    yield Alarm(
        name="gateway-errors",
        description=f"More than {thresholds.gateway_errors:g} % of the gateway's responses are errors of its own (5xx),"
        f" or of a service that it calls. {status}",
        **_worst(
            balancer,
            targets,
            "100 * FILL({errors}, 0) / {requests}",  # ELB publishes a count only if it is not zero
            errors=("HTTPCode_Target_5XX_Count", "Sum"),
            requests=("RequestCount", "Sum"),
        ),
        threshold=thresholds.gateway_errors,
        datapoints=2,
        periods=3,
        missing="notBreaching",
    )
    yield Alarm(
        name="gateway-unanswered",
        description=f"The load balancer itself answers more than {thresholds.gateway_unanswered} requests a minute with"
        f" 5xx: the gateway has no healthy task, closes connections or does not answer in time. {status}",
        measured={"unanswered": metrics.gateway("HTTPCode_ELB_5XX_Count", "Sum", balancer)},
        threshold=thresholds.gateway_unanswered,
        datapoints=2,
        periods=3,
        missing="notBreaching",
    )
    yield Alarm(
        name="gateway-latency",
        description=f"One of twenty requests waits more than {thresholds.gateway_latency:g} s for the gateway's first"
        f" byte. {status}",
        **_worst(balancer, targets, "{latency}", latency=("TargetResponseTime", "p95")),
        threshold=thresholds.gateway_latency,
        datapoints=3,
        periods=3,
        missing="notBreaching",
    )


def unhealthy(balancer: Any, targets: Sequence[Any], status: str) -> Alarm:
    return Alarm(
        name="gateway-unhealthy",
        description=f"A task of the gateway has failed its health check for five minutes. {status}",
        **_worst(balancer, targets, "{unhealthy}", unhealthy=("UnHealthyHostCount", "Maximum")),
        threshold=0,
        datapoints=5,
        periods=5,
        missing="notBreaching",
    )


def service(thresholds: Thresholds, name: str, *, cluster: Any, service: Any, tasks: int, why: str) -> Iterator[Alarm]:
    """`tasks` is the number that always runs."""
    yield Alarm(
        name=f"{name}-memory",
        description=f"The tasks of {name} use more than {thresholds.service_memory:g} % of their memory; at 100 % ECS"
        f" stops them. Give them more in sizes.{name} of the stack file. {why}",
        measured={"memory": metrics.service("MemoryUtilization", "Average", cluster, service)},
        threshold=thresholds.service_memory,
        datapoints=5,
        periods=5,
        missing="notBreaching",
    )
    yield Alarm(
        name=f"{name}-tasks",
        description=(
            f"No task of {name} has run for five minutes. {why}"
            if tasks == 1
            else f"Fewer than {tasks} tasks of {name} have run for five minutes. {why}"
        ),
        measured={"tasks": metrics.running_tasks(cluster, service)},
        comparison="LessThanThreshold",
        threshold=tasks,
        datapoints=5,
        periods=5,
        missing="breaching",  # without a task ECS publishes nothing
    )


def database(thresholds: Thresholds, instance: Any, *, storage: int, memory: int, status: str) -> Iterator[Alarm]:
    """`storage` and `memory` are what the instance has, in GiB and bytes."""
    connections = round(thresholds.database_connections * max_connections(memory) / 100)
    yield Alarm(
        name="database-cpu",
        description=f"The database's CPU is above {thresholds.database_cpu:g} %, or the database reports nothing. Look"
        f" for a slow query in Database Insights, or take a larger database.class. {status}",
        measured={"cpu": metrics.database("CPUUtilization", "Average", instance)},
        threshold=thresholds.database_cpu,
        datapoints=5,
        periods=5,
        missing="breaching",
    )
    yield Alarm(
        name="database-memory",
        description=f"Less than {thresholds.database_memory:g} % of the database's {memory / GIB:g} GiB of memory are"
        f" free. Take a larger database.class, or close connections. {status}",
        measured={"memory": metrics.database("FreeableMemory", "Average", instance)},
        comparison="LessThanThreshold",
        threshold=round(thresholds.database_memory * memory / 100),
        datapoints=15,
        periods=15,
        missing="missing",
    )
    yield Alarm(
        name="database-storage",
        description=f"The database has less than {thresholds.database_storage:g} % of its {storage} GiB left; when it"
        f" is full, it stops. Increase database.storage in the stack file. {status}",
        measured={"storage": metrics.database("FreeStorageSpace", "Minimum", instance)},
        comparison="LessThanThreshold",
        threshold=round(thresholds.database_storage * storage * GIB / 100),
        datapoints=5,
        periods=5,
        missing="missing",
    )
    yield Alarm(
        name="database-connections",
        description=f"The database has more than {connections} connections; at its maximum it"
        f" refuses new ones. Look for a service that leaks them, or take a larger database.class. {status}",
        measured={"connections": metrics.database("DatabaseConnections", "Average", instance)},
        threshold=connections,
        datapoints=5,
        periods=5,
        missing="missing",
    )


def nat(name: str, gateway: Any, status: str) -> Alarm:
    return Alarm(
        name=name,
        description="The NAT gateway had no free port for 15 minutes: connections to the internet fail. Find the task"
        f" that opens tens of thousands to one address, or set network.egress to nat-per-zone. {status}",
        measured={"errors": metrics.nat("ErrorPortAllocation", "Sum", gateway)},
        threshold=0,
        datapoints=15,
        periods=15,
        missing="missing",
    )


def certificate(thresholds: Thresholds, arn: Any, domain: str) -> Alarm:
    """ACM renews a certificate long before: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html"""
    return Alarm(
        name="certificate",
        description=f"The certificate of {domain} expires in less than {thresholds.certificate_days} days: ACM could"
        " not renew it. Its DNS validation record is missing: `pulumi up --refresh` creates it again.",
        measured={"days": metrics.days_to_expiry(arn)},
        comparison="LessThanThreshold",
        threshold=thresholds.certificate_days,
        datapoints=1,
        periods=1,
        missing="missing",
    )


def schedules(group: Any, jobs: str) -> Alarm:
    """`jobs` is the sentence that names the command for all jobs."""
    return Alarm(
        name="schedules",
        description="EventBridge Scheduler could not start a job: ECS refused it. Scheduler tries again for an hour;"
        f" then it leaves the run out. {jobs}",
        measured={"errors": metrics.schedules("TargetErrorCount", group)},
        threshold=0,
        datapoints=1,
        periods=1,
        missing="notBreaching",
    )
