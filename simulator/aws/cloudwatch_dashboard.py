"""What PutDashboard accepts.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ecs import types
from simulator.aws import cloudwatch_metrics
from simulator.aws.values import is_known, mapping, mappings, number, text, texts
from simulator.check import Checks
from simulator.cloud import Request, as_list
from simulator.store import Properties

BODY = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html"
CODE = "InvalidParameterInput"
COLUMNS, HIGHEST, MOST_WIDGETS, MOST_METRICS = 24, 1000, 500, 500
WIDGETS = ("alarm", "custom", "explorer", "log", "metric", "text")

dashboard = Checks[Request](types.DASHBOARD)


def widgets(body: str) -> list[Properties]:
    """The widgets of a body; none if it is malformed."""
    try:
        return mappings(mapping(json.loads(body)).get("widgets"))
    except ValueError:
        return []


@dashboard("https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html")
def has_a_name_and_a_body(request: Request) -> Iterator[str]:
    """A dashboard has up to 255 letters, digits, hyphens and underscores as its name, and a JSON object as its body."""
    name, body = request.inputs.get("dashboardName"), request.inputs.get("dashboardBody")
    if is_known(name) and not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", str(name)):
        yield f"InvalidParameterValue: The value {name!r} for parameter DashboardName is not supported"
    try:
        is_object = isinstance(json.loads(str(body)), dict)
    except ValueError:
        is_object = False
    if is_known(body) and not is_object:
        yield f"{CODE}: The field DashboardBody must be a valid JSON object"


@dashboard(BODY)
def widgets_are_within_the_grid(request: Request) -> Iterator[str]:
    """A dashboard has up to 500 widgets of known types, each within 24 columns, with their properties."""
    found = widgets(text(request.inputs.get("dashboardBody")))
    if len(found) > MOST_WIDGETS:
        yield f"{CODE}: a dashboard can have at most {MOST_WIDGETS} widgets, not {len(found)}"
    for index, each in enumerate(found):
        where = f"{CODE}: /widgets/{index}"
        if each.get("type") not in WIDGETS:
            yield f"{where}/type must be one of {', '.join(WIDGETS)}, not {each.get('type')!r}"
        if not mapping(each.get("properties")):
            yield f"{where} should have required property 'properties'"
        x, width = number(each.get("x", 0)), number(each.get("width", 6))
        if x is None or width is None or not (0 <= x < x + width <= COLUMNS):
            yield f"{where} must be within {COLUMNS} columns: x {each.get('x')}, width {each.get('width')}"
        height = number(each.get("height", 6))
        if height is None or not 1 <= height <= HIGHEST:
            yield f"{where}/height must be from 1 to {HIGHEST}, not {each.get('height')}"


@dashboard(BODY, confirmed="nobody")
def metrics_are_published(request: Request) -> Iterator[str]:
    """Something publishes each metric that a widget shows."""
    for widget in widgets(text(request.inputs.get("dashboardBody"))):
        properties = mapping(widget.get("properties"))
        lines = as_list(properties.get("metrics"))
        if len(lines) > MOST_METRICS:
            yield f"{CODE}: a widget can show at most {MOST_METRICS} metrics, not {len(lines)}"
        if widget.get("type") == "metric" and text(properties.get("region")) in ("", request.region):
            for line in lines:
                yield from _unpublished(request, line, text(properties.get("title")))


def _unpublished(request: Request, line: Any, title: str) -> Iterator[str]:
    """A line with the short form `.` or with an expression is not read."""
    parts = [each for each in as_list(line) if isinstance(each, str)]
    if len(parts) < 2 or any(each in (".", "...") for each in parts):
        return
    namespace, name, *pairs = parts
    dimensions = dict(zip(pairs[::2], pairs[1::2], strict=False))
    for reason in cloudwatch_metrics.unpublished(request, namespace, name, dimensions):
        yield f"INSUFFICIENT_DATA: the widget {title!r} stays empty: {reason}"


@dashboard(BODY, confirmed="nobody")
def alarms_exist(request: Request) -> Iterator[str]:
    """A widget of alarms names alarms of the account and region."""
    known = {each.properties["arn"] for each in request.visible(types.METRIC_ALARM)}
    for widget in widgets(text(request.inputs.get("dashboardBody"))):
        properties = mapping(widget.get("properties"))
        for arn in texts(properties.get("alarms")):
            if arn not in known:
                title = text(properties.get("title"))
                yield f"ResourceNotFound: the widget {title!r} shows {arn}, which does not exist"
