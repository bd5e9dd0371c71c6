"""How `verify` is shown to a person."""

from __future__ import annotations

from rich.table import Table

from ops.verify import Verdict
from simulator.report import console


def show(verdict: Verdict) -> None:
    table = Table(title=f"would {verdict.stack} start?", title_justify="left")
    for column in ("check", "of", "result"):
        table.add_column(column)
    for each in verdict.checks:
        table.add_row(each.kind, each.subject, each.state)
    console().print(table)
    for each in verdict.checks:
        if each.message:
            print(each.message)
