"""Renders the changes of all stacks for a terminal, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from review.changes.differences import Change, excerpts
from review.changes.rollouts import grouped
from review.changes.stack import Changes
from review.nouns import noun
from review.render.headline import headline


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
        *(f"  [red]error[/red]: {escape(each)}" for each in changes.errors),
        *(
            f"  [red]{each.operation}[/red] {noun(each.type)} {escape(each.name)}"
            + (f": {escape(each.data)}" if each.data else "")
            for each in changes.replacements
        ),
        *(f"  {each.topic}: {escape(each.text)}" for each in changes.summary),
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
    for column in ("service", "", "property", "before", "after"):
        table.add_column(column)
    for names, each in grouped(changes.rollouts):
        found = [change for reason in each.reasons for change in reason.changes]
        for index, change in enumerate(found or [Change(property="", before="", after="")]):
            service = (names, each.kind) if index == 0 else ("", "")
            table.add_row(*(escape(cell or "") for cell in (*service, change.property, *excerpts(change))))
    return table


def _arrow(change: Change) -> str:
    if change.before is change.after is None:
        return change.property
    before, after = excerpts(change)
    return f"{change.property}: {'—' if before is None else before} → {'—' if after is None else after}"


def as_json(stacks: Iterable[Changes], *, notes: Iterable[str] = ()) -> str:
    """An object with the notes and a list of stacks: the headline and the fields of Changes."""
    found = [{"headline": headline(each), **asdict(each)} for each in stacks]
    return json.dumps({"notes": list(notes), "stacks": found}, indent=2, ensure_ascii=False)
