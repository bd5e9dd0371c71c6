"""The same for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.diff.changes import Changes
from simulator.diff.differences import Change, excerpts
from simulator.diff.headline import headline
from simulator.diff.rollouts import together
from simulator.diff.words import noun


def show(console: Console, stacks: Iterable[Changes], *, notes: Iterable[str] = ()) -> None:
    for note in notes:
        console.print(escape(note), style="yellow", soft_wrap=True)
    for changes in stacks:
        console.print(f"[bold]{escape(changes.stack)}[/bold]: {escape(headline(changes))}", soft_wrap=True)
        for line in _lines(changes):
            console.print(line, soft_wrap=True, highlight=False)
        if changes.rollouts:
            console.print(_services(changes))


def _lines(changes: Changes) -> list[str]:
    return [
        *(f"  {escape(note)}" for note in changes.notes),
        *(f"  [red]refused[/red]: {escape(each)}" for each in changes.refused),
        *(
            f"  [red]{each.operation}[/red] {noun(each.type)} {escape(each.name)}"
            + (f": {escape(each.data)}" if each.data else "")
            for each in changes.losses
        ),
        *(f"  {each.about}: {escape(each.text)}" for each in changes.first),
        *(f"  [green]+[/green] {escape(str(each))}" for each in (*changes.reachable, *changes.granted)),
        *(f"  [red]-[/red] {escape(str(each))}" for each in (*changes.unreachable, *changes.revoked)),
        *(
            f"  {'+' if each.is_new else '~'} {noun(each.type)} {escape(each.name)} "
            + ", ".join(escape(_arrow(change)) for change in each.changes)
            for each in changes.edits
        ),
    ]


def _services(changes: Changes) -> Table:
    table = Table()
    for column in ("service", "", "what", "before", "after"):
        table.add_column(column)
    for names, each in together(changes.rollouts):
        found = [change for reason in each.reasons for change in reason.changes]
        for index, change in enumerate(found or [Change(what="", before="", after="")]):
            said = (names, each.kind) if index == 0 else ("", "")
            table.add_row(*(escape(cell or "") for cell in (*said, change.what, *excerpts(change))))
    return table


def _arrow(change: Change) -> str:
    if change.before is change.after is None:
        return change.what
    before, after = excerpts(change)
    return f"{change.what}: {'—' if before is None else before} → {'—' if after is None else after}"


def as_json(stacks: Iterable[Changes], *, notes: Iterable[str] = ()) -> str:
    """A list of stacks, each with its headline; the fields are those of Changes."""
    found = [{"headline": headline(each), **asdict(each)} for each in stacks]
    return json.dumps({"notes": list(notes), "stacks": found}, indent=2, ensure_ascii=False)
