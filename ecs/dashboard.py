"""The dashboard of a stack: its alarms, the gateway and the database on top, then one row for each service.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecs import metrics
from ecs.alarms import Thresholds
from ecs.metrics import Metric

COLUMNS = 24
ALARMS_HEIGHT = 3
HEIGHT = 5
Widget = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class View:
    """What the dashboard shows; the names and ARNs as AWS has assigned them."""

    region: str
    thresholds: Thresholds
    alarms: Sequence[str]
    """The ARNs."""
    rules: Sequence[str]
    """The names of the rules on events of ECS."""
    balancer: str
    """The suffix of the ARN, as for the target groups."""
    targets: Sequence[str]
    """None without a public service. A second one takes the traffic by turns with the first."""
    database: str
    cluster: str
    insights: bool
    """Whether the number of deployments is known."""
    services: Mapping[str, int]
    """The number of tasks that always run, by service."""


@dataclass(frozen=True, kw_only=True)
class Graph:
    title: str
    lines: Mapping[str, Metric]
    """By label."""
    right: frozenset[str] = frozenset()
    """The labels of the lines with the scale on the right."""
    marks: Mapping[str, float] | None = None
    """Horizontal lines, by label: where an alarm is raised."""
    percent: bool = False
    """Whether the scale on the left ends at 100."""


def body(view: View) -> dict[str, Any]:
    """The value of `dashboardBody`."""
    rows = [[*_gateway(view)], [*_database(view)], *([*_service(view, name)] for name in view.services)]
    alarms: Widget = {
        "type": "alarm",
        "x": 0,
        "y": 0,
        "width": COLUMNS,
        "height": ALARMS_HEIGHT,
        "properties": {"title": "Alarms", "alarms": list(view.alarms)},
    }
    placed = [widget for number, row in enumerate(filter(None, rows)) for widget in _placed(row, number, view.region)]
    return {"widgets": [alarms, *placed]}


def _placed(row: Sequence[Graph], number: int, region: str) -> Iterator[Widget]:
    """The widgets of a row, which share its width."""
    width = COLUMNS // len(row)
    for column, graph in enumerate(row):
        yield {
            "type": "metric",
            "x": column * width,
            "y": ALARMS_HEIGHT + number * HEIGHT,
            "width": width,
            "height": HEIGHT,
            "properties": _properties(graph, region),
        }


def _properties(graph: Graph, region: str) -> dict[str, Any]:
    lines = [_line(label, each, "right" if label in graph.right else "left") for label, each in graph.lines.items()]
    marks = [{"label": label, "value": value} for label, value in (graph.marks or {}).items()]
    return {
        "title": graph.title,
        "view": "timeSeries",
        "region": region,
        "period": 60,
        "metrics": lines,
        "yAxis": {"left": {"min": 0, **({"max": 100} if graph.percent else {})}, "right": {"min": 0}},
        **({"annotations": {"horizontal": marks}} if marks else {}),
    }


def _line(label: str, metric: Metric, axis: str) -> list[Any]:
    dimensions = [part for pair in metric.dimensions.items() for part in pair]
    return [metric.namespace, metric.name, *dimensions, {"label": label, "stat": metric.statistic, "yAxis": axis}]


def _gateway(view: View) -> Iterator[Graph]:
    """Requests, latency and tasks, of each target group; nothing without a public service."""

    def lines(**found: tuple[str, str]) -> dict[str, Metric]:
        return {
            label + ("" if number == 1 else f" ({number})"): metrics.gateway(*each, view.balancer, group)
            for number, group in enumerate(view.targets, start=1)
            for label, each in found.items()
        }

    if not view.targets:
        return
    requests, errors = lines(requests=("RequestCount", "Sum")), lines(**{"5xx": ("HTTPCode_Target_5XX_Count", "Sum")})
    errors["5xx of the load balancer"] = metrics.gateway("HTTPCode_ELB_5XX_Count", "Sum", view.balancer)
    yield Graph(title="Gateway: requests and errors", lines={**requests, **errors}, right=frozenset(errors))
    yield Graph(
        title="Gateway: seconds to the first byte",
        lines=lines(**{"half": ("TargetResponseTime", "p50"), "95 %": ("TargetResponseTime", "p95")}),
        marks={"alarm": view.thresholds.gateway_latency},
    )
    yield Graph(
        title="Gateway: tasks",
        lines=lines(healthy=("HealthyHostCount", "Minimum"), unhealthy=("UnHealthyHostCount", "Maximum")),
    )


def _database(view: View) -> Iterator[Graph]:
    yield Graph(
        title="Database: CPU and connections",
        lines={
            "CPU %": metrics.database("CPUUtilization", "Average", view.database),
            "connections": metrics.database("DatabaseConnections", "Average", view.database),
        },
        right=frozenset({"connections"}),
        marks={"alarm": view.thresholds.database_cpu},
        percent=True,
    )
    yield Graph(
        title="Database: free bytes",
        lines={
            "storage": metrics.database("FreeStorageSpace", "Minimum", view.database),
            "memory": metrics.database("FreeableMemory", "Average", view.database),
        },
        right=frozenset({"memory"}),
    )
    yield Graph(
        title="Events of ECS",
        lines={name: metrics.triggered(name) for name in view.rules},
    )


def _service(view: View, name: str) -> Iterator[Graph]:
    """A rollout shows as tasks of two revisions at once, and with Container Insights as a second deployment."""
    yield Graph(
        title=f"{name}: CPU and memory",
        lines={
            "CPU %": metrics.service("CPUUtilization", "Average", view.cluster, name),
            "memory %": metrics.service("MemoryUtilization", "Average", view.cluster, name),
        },
        marks={"alarm": view.thresholds.service_memory},
        percent=True,
    )
    deployments = {"deployments": metrics.deployments(view.cluster, name)} if view.insights else {}
    yield Graph(
        title=f"{name}: tasks and deployments" if view.insights else f"{name}: tasks",
        lines={"tasks": metrics.running_tasks(view.cluster, name), **deployments},
        right=frozenset(deployments),
        marks={"alarm below": view.services[name]},
    )
