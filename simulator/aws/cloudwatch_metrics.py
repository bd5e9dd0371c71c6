"""The metrics that AWS publishes about what is declared here: under which dimensions, how often, and when at all.

An alarm or a dashboard may read another metric of AWS only once it is added to METRICS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ecs import types
from simulator.aws import ecs_service_connect
from simulator.aws.ecs_ports import mapped
from simulator.aws.values import mappings, text
from simulator.cloud import Request, attribute_of
from simulator.store import Object

Dimensions = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Published:
    """Metrics of one namespace that the same objects publish."""

    namespace: str
    names: frozenset[str]
    dimensions: tuple[frozenset[str], ...]
    """The sets of dimensions under which CloudWatch has the metric."""
    absent: Callable[[Request, Dimensions], Iterator[str]]
    """The reasons why nothing publishes it under these values."""
    when: str
    """In words, for a reader."""
    source: str
    every: int = 60
    """Seconds between two values."""
    maximum: float | None = None
    """The greatest value, such as 100 %."""


def _balancer(request: Request, dimensions: Dimensions) -> Iterator[str]:
    name, group = dimensions["LoadBalancer"], dimensions.get("TargetGroup")
    if not any(_named(each, f":loadbalancer/{name}") for each in request.visible(types.LOAD_BALANCER)):
        yield f"there is no load balancer {name}"
    if group is not None and not any(_named(each, f":{group}") for each in request.visible(types.TARGET_GROUP)):
        yield f"there is no target group {group}"


def _named(found: Object, end: str) -> bool:
    return str(found.properties.get("arn")).endswith(end)


def _services(request: Request, dimensions: Dimensions) -> list[Object]:
    end = f":service/{dimensions['ClusterName']}/{dimensions['ServiceName']}"
    return [each for each in request.visible(types.SERVICE, name=dimensions["ServiceName"]) if _named(each, end)]


def _service(request: Request, dimensions: Dimensions) -> Iterator[str]:
    if not _services(request, dimensions):
        yield f"there is no ECS service {dimensions['ServiceName']} in the cluster {dimensions['ClusterName']}"


def _http_service(request: Request, dimensions: Dimensions) -> Iterator[str]:
    """Service Connect publishes them for the protocols http and http2 alone."""
    yield from _service(request, dimensions)
    for service in _services(request, dimensions):
        names = {text(each.get("portName")) for each in ecs_service_connect.services(service.properties)}
        tasks = request.visible(types.TASK_DEFINITION, arn=service.properties["taskDefinition"])
        ports = [port for task in tasks for _, port in mapped(task.properties)]
        protocols = {text(port.get("appProtocol")) or "tcp" for port in ports if text(port.get("name")) in names}
        if not protocols & {"http", "http2"}:
            found = f"offers {', '.join(sorted(protocols))}" if protocols else "offers no port there"
            yield f"Service Connect publishes it for http and http2, and {dimensions['ServiceName']} {found}"


def _insights(request: Request, dimensions: Dimensions) -> Iterator[str]:
    yield from _service(request, dimensions)
    for cluster in request.visible(types.CLUSTER, name=dimensions["ClusterName"]):
        settings = mappings(cluster.properties.get("settings"))
        if not any(each.get("value") in ("enabled", "enhanced") for each in settings):
            yield f"Container Insights is off in the cluster {dimensions['ClusterName']}: set `insights: true`"


def _one(kind: str, key: str, of: str) -> Callable[[Request, Dimensions], Iterator[str]]:
    """The object whose property is the value of the only dimension exists."""

    def absent(request: Request, dimensions: Dimensions) -> Iterator[str]:
        [value] = dimensions.values()
        if not any(attribute_of(each, key) == value for each in request.visible(kind)):
            yield f"there is no {of} {value}"

    return absent


def _sets(*names: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(each.split()) for each in names)


ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"
ECS = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html"

METRICS = (
    Published(
        namespace="AWS/ApplicationELB",
        names=frozenset({"HTTPCode_Target_5XX_Count", "RequestCount", "TargetResponseTime"}),
        dimensions=_sets("LoadBalancer", "LoadBalancer TargetGroup"),
        absent=_balancer,
        when="requests arrive; a count of codes only if it is not zero",
        source=ELB,
    ),
    Published(
        namespace="AWS/ApplicationELB",
        names=frozenset({"HTTPCode_ELB_5XX_Count", "RejectedConnectionCount"}),
        dimensions=_sets("LoadBalancer"),
        absent=_balancer,
        when="it is not zero",
        source=ELB,
    ),
    Published(
        namespace="AWS/ApplicationELB",
        names=frozenset({"HealthyHostCount", "UnHealthyHostCount"}),
        dimensions=_sets("LoadBalancer TargetGroup"),
        absent=_balancer,
        when="always, with health checks",
        source=ELB,
    ),
    Published(
        namespace="AWS/ECS",
        names=frozenset({"CPUUtilization", "MemoryUtilization"}),
        dimensions=_sets("ClusterName ServiceName"),
        absent=_service,
        when="a task runs; on Fargate not for a whole cluster",
        source=ECS,
        maximum=100,
    ),
    Published(
        namespace="AWS/ECS",
        names=frozenset({f"HTTPCode_Target_{each}XX_Count" for each in (2, 3, 4, 5)}),
        dimensions=_sets("ClusterName ServiceName"),
        absent=_http_service,
        when="Service Connect answers requests of HTTP or HTTP/2",
        source=ECS,
    ),
    Published(
        namespace="ECS/ContainerInsights",
        names=frozenset({"DeploymentCount", "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount"}),
        dimensions=_sets("ClusterName ServiceName"),
        absent=_insights,
        when="Container Insights is on",
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html",
    ),
    Published(
        namespace="AWS/RDS",
        names=frozenset({"CPUUtilization"}),
        dimensions=_sets("DBInstanceIdentifier"),
        absent=_one(types.DB_INSTANCE, "identifier", "database"),
        when="the instance runs",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
        maximum=100,
    ),
    Published(
        namespace="AWS/RDS",
        names=frozenset({"DatabaseConnections", "FreeStorageSpace", "FreeableMemory"}),
        dimensions=_sets("DBInstanceIdentifier"),
        absent=_one(types.DB_INSTANCE, "identifier", "database"),
        when="the instance runs",
        source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html",
    ),
    Published(
        namespace="AWS/NATGateway",
        names=frozenset({"ErrorPortAllocation", "PacketsDropCount"}),
        dimensions=_sets("NatGatewayId"),
        absent=_one(types.NAT_GATEWAY, "id", "NAT gateway"),
        when="always",
        source="https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html",
    ),
    Published(
        namespace="AWS/CertificateManager",
        names=frozenset({"DaysToExpiry"}),
        dimensions=_sets("CertificateArn"),
        absent=_one(types.CERTIFICATE, "arn", "certificate"),
        when="twice a day, until it expires",
        source="https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html",
        every=43_200,
    ),
    Published(
        namespace="AWS/Events",
        names=frozenset({"FailedInvocations", "Invocations", "TriggeredRules"}),
        dimensions=_sets("RuleName"),
        absent=_one(types.EVENT_RULE, "name", "rule"),
        when="an event matches",
        source="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html",
    ),
    Published(
        namespace="AWS/Scheduler",
        names=frozenset({"InvocationAttemptCount", "InvocationDroppedCount", "TargetErrorCount"}),
        dimensions=_sets("ScheduleGroup"),
        absent=_one(types.SCHEDULE_GROUP, "name", "schedule group"),
        when="a schedule of the group starts its target; a count of errors only if there is one",
        source="https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html",
    ),
)
"""What AWS publishes of itself. Metrics of a namespace without `AWS/` and `ECS/` are the program's own."""


def is_ours(namespace: str) -> bool:
    """Whether a program publishes the namespace, and not AWS."""
    return not namespace.startswith(("AWS/", "ECS/"))


def find(namespace: str, name: str) -> Published | None:
    return next((each for each in METRICS if each.namespace == namespace and name in each.names), None)


def unpublished(request: Request, namespace: str, name: str, dimensions: Dimensions) -> Iterator[str]:
    """The reasons why CloudWatch never has a value of the metric."""
    metric = f"{name} of {namespace}"
    if is_ours(namespace):
        return
    found = find(namespace, name)
    if found is None:
        yield f"nothing publishes {metric}. If AWS does, add it to simulator/aws/cloudwatch_metrics.py."
    elif frozenset(dimensions) not in found.dimensions:
        known = " or ".join(json.dumps(sorted(each)) for each in found.dimensions)
        yield f"nothing publishes {metric} by {json.dumps(sorted(dimensions))}, but by {known}"
    else:
        for reason in found.absent(request, dimensions):
            yield f"nothing publishes {metric}: {reason}"
