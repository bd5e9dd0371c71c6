"""How `logs` is shown: a line each, with the time and the service, or as a JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from rich.text import Text

from ops.logs import Line
from simulator.report import console

COLORS = ("cyan", "green", "magenta", "yellow", "blue", "bright_cyan", "bright_green", "bright_magenta")
"""Of the services, in the order of their names; the colors of the terminal's own theme, without that of errors."""


def show(lines: Iterable[Line], services: Iterable[str], *, as_json: bool) -> int:
    """Prints each line as soon as it is there, and returns their number. `services`: the selected ones."""
    names = sorted(services)
    colors = {name: COLORS[number % len(COLORS)] for number, name in enumerate(names)}
    width = max(map(len, names), default=0)
    count = 0
    for line in lines:
        print(_object(line), flush=True) if as_json else _print(line, colors, width)
        count += 1
    return count


def _print(line: Line, colors: Mapping[str, str], width: int) -> None:
    at = line.at.strftime("%H:%M:%S.") + f"{line.at.microsecond // 1000:03}"
    text = Text(f"{at} ", style="dim")
    text.append(f"{line.source:<{width}} ", style=f"not dim {colors.get(line.service, '')}")
    text.append(line.message, style="not dim")
    console().print(text, soft_wrap=True)


def _object(line: Line) -> str:
    return json.dumps(
        {
            "time": line.at.isoformat(timespec="milliseconds"),
            "service": line.service,
            "stream": line.stream,
            "message": line.message,
        }
    )
