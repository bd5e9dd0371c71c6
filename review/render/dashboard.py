"""Draws the body of a CloudWatch dashboard as an SVG picture: its grid, and in each widget its title and lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

CELL = 40
"""Pixels of a column and of a row of the grid."""
GAP = 6
COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd")
HEADER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="14">'
)


def svg(body: Mapping[str, Any]) -> str:
    widgets: Sequence[Mapping[str, Any]] = body["widgets"]
    size = {key: CELL * max(each[at] + each[key] for each in widgets) for key, at in (("width", "x"), ("height", "y"))}
    drawn = [line for each in widgets for line in _widget(each)]
    return "\n".join([HEADER.format_map(size), *drawn, "</svg>"]) + "\n"


def _widget(widget: Mapping[str, Any]) -> Iterator[str]:
    left, top = CELL * widget["x"] + GAP, CELL * widget["y"] + GAP
    width, height = CELL * widget["width"] - 2 * GAP, CELL * widget["height"] - 2 * GAP
    properties = widget["properties"]
    yield (
        f'<rect x="{left}" y="{top}" width="{width}" height="{height}" rx="4" fill="#fff" stroke="#888"/>'
        f'<text x="{left + 10}" y="{top + 22}" font-weight="bold">{escape(properties["title"])}</text>'
    )
    if widget["type"] == "alarm":
        yield from _alarms(properties["alarms"], left + 10, top + 32, width)
        return
    for number, line in enumerate(properties["metrics"]):
        yield _line(line[-1]["label"], COLORS[number % len(COLORS)], left + 10, top + 46 + 22 * number)
    for number, mark in enumerate(properties.get("annotations", {}).get("horizontal", ())):
        label, y = f"{mark['label']}: {mark['value']:g}", top + height - 16 - 22 * number
        yield (
            f'<path d="M{left + 10} {y}h{width - 20}" stroke="#d62728" stroke-dasharray="6 4"/>'
            f'<text x="{left + 10}" y="{y - 5}" fill="#d62728">{escape(label)}</text>'
        )


def _line(label: str, color: str, x: int, y: int) -> str:
    stroke = f'<path d="M{x} {y - 5}h24" stroke="{color}" stroke-width="3"/>'
    return f'{stroke}<text x="{x + 32}" y="{y}">{escape(label)}</text>'


def _alarms(arns: Sequence[str], x: int, y: int, width: int) -> Iterator[str]:
    """A box for each alarm, as many in a row as the widget has room for."""
    box = 30
    columns = max(1, (width - 20) // box)
    for number, arn in enumerate(arns):
        title = f"<title>{escape(arn.rpartition(':')[2])}</title>"
        at = f'x="{x + box * (number % columns)}" y="{y + box * (number // columns)}"'
        yield f'<rect {at} width="{box - 6}" height="{box - 6}" rx="3" fill="#2ca02c">{title}</rect>'
