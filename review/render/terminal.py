"""Renders the changes of all stacks for a terminal, in the order of the page, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from rich.console import Console
from rich.text import Text

from review.changes.concerns.concern import SEVERITIES, Concern
from review.changes.stack import Changes
from review.deployment.values import visible
from review.nouns import counted
from review.render import duration
from review.render.alerts import Alert, alerts
from review.render.blocks import Block, Line, blocks, in_order
from review.render.headline import headline, mark

STYLES = {"caution": "bold red", "warning": "bold yellow"}
WIDEST = 100
"""Columns of a line, also in a wider terminal."""
LISTED = 40
"""Lines of one list."""


def show(
    console: Console, stacks: Iterable[Changes], *, notes: Iterable[str] = (), rules: Iterable[Concern] = ()
) -> None:
    stacks = in_order(stacks)
    for changes in stacks:
        _print(console, f"{changes.stack}{mark(changes)}: {headline(changes)}", style="bold")
        if changes.duration:
            _print(console, duration.line(changes.duration), indent=2)
    for changes in stacks:
        for error in changes.errors:
            _print(console, f"CAUTION {changes.stack}: the deployment fails", style=STYLES["caution"], gap=True)
            for line in error.splitlines():
                _print(console, line, indent=2)
    found = alerts(stacks, rules)
    for severity in SEVERITIES:
        for index, alert in enumerate(each for each in found if each.severity == severity):
            if index == 0:
                _print(console, severity.upper(), style=STYLES[severity], gap=True)
            _print(console, _alert(alert), indent=2)
    for note in notes:
        _print(console, f"Note: {note}", gap=True)
    for changes in stacks:
        for line in _section(changes):
            _print(console, line[1], indent=line[0], gap=line[0] == 0)


def _section(changes: Changes) -> Iterator[tuple[int, str]]:
    """Lines with their indents; one without begins the section."""
    content = [
        *((2, note) for note in changes.notes),
        *(line for block in blocks(changes) for line in _block(block)),
    ]
    if content:
        yield 0, changes.stack
    yield from content


def _block(block: Block) -> Iterator[tuple[int, str]]:
    if block.folded:
        yield 2, f"{block.title}: {counted(len(block.rows), 'line')}, which FORMAT=markdown shows"
        return
    yield 2, block.title
    for row in block.rows[:LISTED]:
        cells = [_plain(cell) for cell in row]
        if len(cells) == 1:
            yield 4, cells[0]
            continue
        if cells[0]:
            yield 4, cells[0]
        yield 6, ": ".join(cell for cell in cells[1:] if cell)
    if len(block.rows) > LISTED:
        yield 4, f"and {len(block.rows) - LISTED} more"


def _alert(alert: Alert) -> str:
    clauses = "; ".join(text for text, _ in alert.clauses)
    return ": ".join(each for each in (", ".join(alert.stacks), _plain(alert.subject), clauses) if each)


def _plain(line: Line) -> str:
    return "".join(line)


def _print(console: Console, text: str, *, indent: int = 0, style: str = "", gap: bool = False) -> None:
    """Wrapped between words, with a hanging indent. A longer word is not broken, so that it can be copied."""
    if gap:
        console.print()
    wrapped = textwrap.fill(
        visible(" ".join(text.split())),
        width=min(console.width, WIDEST),
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
    # A Text has no markup and no emoji: a value such as [red] or :secret: stays as it is.
    console.print(Text(wrapped, style=style), soft_wrap=True)


def as_json(stacks: Iterable[Changes], *, notes: Iterable[str] = (), rules: Iterable[Concern] = ()) -> str:
    """An object with the notes, the changed house rules and the stacks: the headline and the fields of Changes."""
    found = [{"headline": headline(each), **asdict(each)} for each in in_order(stacks)]
    content = {"notes": list(notes), "rules": [asdict(each) for each in rules], "stacks": found}
    return json.dumps(content, indent=2, ensure_ascii=False)
