from __future__ import annotations

import io

import pytest

from simulator import report
from simulator.report import Row

ROW = Row(service="promptsvc", digest="sha256:1afa3c15c42b", cpu="256", memory="1024", tasks=1, state="does not start")


def printed(*values: object, width: int = 80) -> str:
    file = io.StringIO()
    for value in values:
        report.console(file, width).print(value)
    return file.getvalue()


@pytest.mark.parametrize("value", [":secret:", "[bold]x[/bold]", "arn:aws:secretsmanager:us-east-1:1:secret:db", "[/]"])
def test_a_value_is_printed_as_it_is(value: str) -> None:
    assert printed(value) == f"{value}\n"


def test_the_table_has_at_most_80_columns() -> None:
    assert all(len(line) <= 80 for line in printed(report.table("dev", [ROW], {"promptsvc": "new image"})).splitlines())


def test_a_table_without_changes_has_no_column_for_them() -> None:
    assert "change" not in printed(report.table("dev", [ROW], {}))


@pytest.mark.parametrize(
    ("variables", "has_color"),
    [({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False), ({"FORCE_COLOR": "1"}, True), ({}, False)],
)
def test_the_variables_for_color_are_obeyed(
    variables: dict[str, str], has_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    console = report.console(io.StringIO())
    assert (console.is_terminal and not console.no_color) == has_color
