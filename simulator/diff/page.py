"""The page of a pull request, in GitHub's Markdown. Whatever comes from the program stands in code, and cannot act."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from simulator.diff.changes import Changes, Detail, Edit
from simulator.diff.differences import Change, excerpts
from simulator.diff.headline import headline
from simulator.diff.losses import Loss
from simulator.diff.rollouts import Rollout, together
from simulator.diff.words import counted, inventory, noun

LONGEST = 64_000
"""Characters; GitHub takes 65,536 in a comment. https://docs.github.com/en/rest/issues/comments"""
LISTED = 40
"""Lines of one list; the fold below has them all."""
WIDTH = 96
"""Characters of a line in a box. GitHub does not wrap there: what is longer scrolls out of sight."""
FOOTER = "_Found out in a simulation: nothing was deployed. AWS has the last word._"


def page(stacks: Iterable[Changes], *, title: str = "What changes", notes: Iterable[str] = ()) -> str:
    """At most LONGEST characters: the longest folds are left out first."""
    stacks = list(stacks)
    said = [_alert("NOTE", [prose(note)]) for note in notes]
    if stacks and all(each.is_empty and not each.notes for each in stacks):
        nothing = f"{prose(title)}: nothing, in {', '.join(code(each.stack) for each in stacks)}."
        return "\n\n".join([nothing, *said]) + "\n"
    top = [f"## {prose(title)}", *said]
    sections = ["\n\n".join(_section(each)) for each in stacks]
    folds = [_fold(each) for each in stacks]
    left_out: list[str] = []
    while len(text := _joined(top, sections, folds, left_out)) > LONGEST and any(folds):
        longest = max(range(len(folds)), key=lambda index: len(folds[index]))
        folds[longest] = ""
        left_out.append(stacks[longest].stack)
    return text if len(text) <= LONGEST else _cut(text)


def _joined(top: list[str], sections: list[str], folds: list[str], left_out: list[str]) -> str:
    said = f"_Too long for this page, and left out: every step of {', '.join(sorted(left_out))}._" if left_out else ""
    bodies = [part for pair in zip(sections, folds, strict=True) for part in pair]
    return "\n\n".join(part for part in [*top, *bodies, said, FOOTER] if part) + "\n"


def _cut(text: str) -> str:
    """What even without folds is too long ends at a line's end, and says so."""
    end = "\n\n_Too long for this page: the rest is left out._\n"
    return text[: text.rfind("\n", 0, LONGEST - len(end))] + end


def _section(changes: Changes) -> Iterator[str]:
    yield f"### {code(changes.stack)}: {prose(headline(changes))}"
    yield from (prose(note) for note in changes.notes)
    if changes.refused:
        yield _alert(
            "CAUTION", ["**Refused.** This does not come up:", *_fenced(_wrapped("\n\n".join(changes.refused)))]
        )
    if changes.losses:
        yield _alert("WARNING", _losses(changes.losses))
    if changes.first:
        yield _table(("what", "will be"), [(line.about, prose(line.text)) for line in changes.first])
    yield from _rollouts(changes.rollouts)
    yield from _list("Who reaches whom", [("+", str(each)) for each in changes.reachable], changes.unreachable)
    yield from _list("Permissions", [("+", each) for each in changes.granted], changes.revoked)
    yield from _edits(changes.edits)


def _rollouts(found: tuple[Rollout, ...]) -> Iterator[str]:
    rows = [
        (
            f"**{prose(names)}**<br>{each.kind}" if index == 0 else "",
            prose(change.what),
            *_values(change),
        )
        for names, each in together(found)
        for index, change in enumerate(change for reason in each.reasons for change in reason.changes)
    ]
    if rows:
        yield f"#### Services\n\n{_table(('service', 'what', 'before', 'after'), rows)}"


def _losses(found: tuple[Loss, ...]) -> Iterator[str]:
    for each in (each for each in found if each.data):
        what = f"**{prose(noun(each.type))} {code(each.name)} is {each.operation}**{_why(each)}"
        yield f"- {what}: {prose(each.data or '')}."
    others = [each for each in found if not each.data]
    yield from _capped([f"- {prose(noun(e.type))} {code(e.name)} is replaced{_why(e)}." for e in others if e.causes])
    if follow := [each for each in others if each.operation == "replaced" and not each.causes]:
        which = ", ".join(sorted({each.component for each in follow}))
        yield f"- With what they refer to: {inventory(each.type for each in follow)} ({prose(which)})."
    deleted = [each for each in others if each.operation == "deleted"]
    for component, group in groupby(deleted, key=lambda each: each.component):
        yield f"- {prose(component)}: {inventory(each.type for each in group)} deleted."


def _why(loss: Loss) -> str:
    if loss.causes:
        return f" ({', '.join(_arrow(change) for change in loss.causes)})"
    return " with what it refers to" if loss.follows and loss.operation == "replaced" else ""


def _capped(lines: list[str], more: str = "- and {} more") -> list[str]:
    return [*lines[:LISTED], more.format(len(lines) - LISTED)] if len(lines) > LISTED else lines


def _arrow(change: Change) -> str:
    if change.before is change.after is None:
        return prose(change.what)
    before, after = excerpts(change)
    return f"{code(change.what)} {_value(before)} → {_value(after)}"


def _list(title: str, added: list[tuple[str, str]], removed: Iterable[object]) -> Iterator[str]:
    found = [*added, *(("-", str(each)) for each in removed)]
    lines = [_wrapped(text, f"{sign} ") for sign, text in found]
    if lines:
        shown = "\n".join(_capped(lines, "  and {} more"))
        yield "\n".join([f"#### {title}", "", *_fenced(shown, "diff")])


def _edits(found: tuple[Edit, ...]) -> Iterator[str]:
    lines = [_edit(each) for each in found]
    if lines:
        yield "\n".join(["#### Besides", "", *_capped(lines)])


def _edit(edit: Edit) -> str:
    what = f"{'a new ' if edit.is_new else ''}{prose(noun(edit.type))} {code(edit.name)}"
    changes = f": {', '.join(_arrow(change) for change in edit.changes)}" if edit.changes else ""
    return f"- {prose(edit.component or 'stack')}: {what}{changes}"


def _fold(changes: Changes) -> str:
    if not changes.steps:
        return ""
    lines = [line for step in changes.steps for line in _step(step)]
    title = f"{changes.stack}: {counted(len(changes.steps), 'step')} of the engine"
    return "\n".join(
        [f"<details><summary>{prose(title)}</summary>", "", *_fenced("\n".join(lines), "diff"), "", "</details>"]
    )


def _step(step: Detail) -> Iterator[str]:
    # GitHub colours lines by their first character, and knows + - and !.
    sign = {"create": "+", "delete": "-"}.get(step.operation, "!")
    yield f"{sign} {step.operation} {step.name} ({step.type})"
    for change in step.changes:
        for sign, value in zip("-+", excerpts(change), strict=True):
            if value is not None:
                yield f"{sign}     {change.what}: {value}"


def _alert(kind: str, lines: Iterable[str]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in [f"[!{kind}]", *lines])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in cells)


def _values(change: Change) -> tuple[str, ...]:
    """Two cells, empty where the change is said by its name."""
    return ("", "") if change.before is change.after is None else tuple(_value(each) for each in excerpts(change))


def _value(value: str | None) -> str:
    return "—" if value is None else code(value)


def _wrapped(text: str, sign: str = "") -> str:
    """A line goes on under its sign, by which GitHub colours it."""
    wrapper = textwrap.TextWrapper(
        width=WIDTH,
        initial_indent=sign,
        subsequent_indent=f"{sign}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.fill(line) for line in text.splitlines())


def _fenced(text: str, language: str = "") -> list[str]:
    fence = "`" * max(3, 1 + max((len(each) for each in re.findall("`+", text)), default=0))
    return [f"{fence}{language}", *text.splitlines(), fence]


def code(text: str) -> str:
    """Inline code. Its fence is longer than any in the text."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """Text in which nothing is markup: neither Markdown's, nor HTML's, nor a mention."""
    escaped = re.sub(r"([\\`*_\[\]~])", r"\\\1", " ".join(text.split()))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=\w)", "@\u200b", escaped)
