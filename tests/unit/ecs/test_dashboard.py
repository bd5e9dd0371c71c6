"""The body of the dashboard, and its picture."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ecs.dashboard import COLUMNS, body
from review.render.dashboard import svg
from tests.declared import CATALOGUE
from tools.dashboard_picture import view

VIEW = view(CATALOGUE)


def rows(found: dict[str, Any]) -> list[list[str]]:
    """The titles in each row of widgets, from the top."""
    tops = sorted({each["y"] for each in found["widgets"]})
    return [[each["properties"]["title"] for each in found["widgets"] if each["y"] == top] for top in tops]


def test_alarms_gateway_and_database_are_on_top_and_each_service_has_a_row() -> None:
    assert rows(body(VIEW)) == [
        ["Alarms"],
        ["Gateway: requests and errors", "Gateway: seconds to the first byte", "Gateway: tasks"],
        ["Database: CPU and connections", "Database: free bytes", "Events of ECS"],
        *([f"{name}: CPU and memory", f"{name}: tasks and deployments"] for name in CATALOGUE.names),
    ]


def test_without_a_public_service_and_without_insights_the_rest_moves_up() -> None:
    found = body(replace(VIEW, targets=[], insights=False, services={"authsvc": 1}))
    assert rows(found)[1:] == [
        ["Database: CPU and connections", "Database: free bytes", "Events of ECS"],
        ["authsvc: CPU and memory", "authsvc: tasks"],
    ]
    assert [each["y"] for each in found["widgets"]] == [0, 3, 3, 3, 8, 8]


def test_no_widgets_overlap_and_each_row_is_as_wide_as_the_grid() -> None:
    cells = [
        (x, y)
        for each in body(VIEW)["widgets"]
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(set(cells)) == len(cells)
    assert {x for x, _ in cells} == set(range(COLUMNS))


def test_the_picture_has_each_title_label_and_alarm() -> None:
    texts = set(re.findall(r">([^<>]+)<", svg(body(VIEW))))
    assert {title for row in rows(body(VIEW)) for title in row} <= texts
    assert {"CPU %", "memory %", "deployments", "95 %", "alarm: 3", "mrgnl-gateway-errors"} <= texts
