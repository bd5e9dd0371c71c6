"""Renders a pull request's page in GitHub's Markdown. Values from the program are escaped, so that none is markup."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from review.changes.differences import Change, excerpts
from review.changes.replacements import Replacement
from review.changes.rollouts import Rollout, grouped
from review.changes.stack import Changes, Detail, Edit
from review.nouns import counted, inventory, noun
from review.render.headline import headline

LONGEST = 64_000
"""Characters; GitHub accepts 65,536 in a comment. https://docs.github.com/en/rest/issues/comments"""
LISTED = 40
"""Lines of one list; the list of engine steps is complete."""
WIDTH = 96
"""Characters of a line in a code block, where GitHub does not wrap."""
FOOTER = "_From a simulated deployment: nothing was deployed to AWS, which may still reject the change._"


def page(stacks: Iterable[Changes], *, title: str = "Changes", notes: Iterable[str] = ()) -> str:
    """At most LONGEST characters: the longest lists of engine steps are omitted first."""
    stacks = list(stacks)
    alerts = [_alert("NOTE", [prose(note)]) for note in notes]
    if stacks and all(each.is_empty and not each.notes for each in stacks):
        nothing = f"{prose(title)}: none in {', '.join(code(each.stack) for each in stacks)}."
        return "\n\n".join([nothing, *alerts]) + "\n"
    top = [f"## {prose(title)}", *alerts]
    sections = ["\n\n".join(_section(each)) for each in stacks]
    folds = [_steps(each) for each in stacks]
    omitted: list[str] = []
    while len(text := _joined(top, sections, folds, omitted)) > LONGEST and any(folds):
        longest = max(range(len(folds)), key=lambda index: len(folds[index]))
        folds[longest] = ""
        omitted.append(stacks[longest].stack)
    return text if len(text) <= LONGEST else _cut(text)


def _joined(top: list[str], sections: list[str], folds: list[str], omitted: list[str]) -> str:
    note = (
        f"_Omitted, because the page is too long: the engine steps of {', '.join(sorted(omitted))}._" if omitted else ""
    )
    bodies = [part for pair in zip(sections, folds, strict=True) for part in pair]
    return "\n\n".join(part for part in [*top, *bodies, note, FOOTER] if part) + "\n"


def _cut(text: str) -> str:
    """Cuts a page that is too long without any engine steps at the end of a line, and adds a note."""
    end = "\n\n_The rest is omitted, because the page is too long._\n"
    return text[: text.rfind("\n", 0, LONGEST - len(end))] + end


def _section(changes: Changes) -> Iterator[str]:
    yield f"### {code(changes.stack)}: {prose(headline(changes))}"
    yield from (prose(note) for note in changes.notes)
    if changes.errors:
        yield _alert("CAUTION", ["**The deployment fails:**", *_fenced(_wrapped("\n\n".join(changes.errors)))])
    if changes.replacements:
        yield _alert("WARNING", _replacements(changes.replacements))
    if changes.summary:
        yield _table(("property", "value"), [(line.topic, prose(line.text)) for line in changes.summary])
    yield from _rollouts(changes.rollouts)
    yield from _list("Connectivity", [("+", str(each)) for each in changes.reachable], changes.unreachable)
    yield from _list("Permissions", [("+", each) for each in changes.granted], changes.revoked)
    yield from _edits(changes.edits)


def _rollouts(found: tuple[Rollout, ...]) -> Iterator[str]:
    rows = [
        (
            f"**{prose(names)}**<br>{each.kind}" if index == 0 else "",
            prose(change.property),
            *_values(change),
        )
        for names, each in grouped(found)
        for index, change in enumerate(change for reason in each.reasons for change in reason.changes)
    ]
    if rows:
        yield f"#### Services\n\n{_table(('service', 'property', 'before', 'after'), rows)}"


def _replacements(found: tuple[Replacement, ...]) -> Iterator[str]:
    for each in (each for each in found if each.data):
        head = f"**{prose(noun(each.type))} {code(each.name)} is {each.operation}**{_why(each)}"
        yield f"- {head}: {prose(each.data or '')}."
    others = [each for each in found if not each.data]
    yield from _capped([f"- {prose(noun(e.type))} {code(e.name)} is replaced{_why(e)}." for e in others if e.causes])
    if follow := [each for each in others if each.operation == "replaced" and not each.causes]:
        components = ", ".join(sorted({each.component for each in follow}))
        yield f"- Because of a replaced reference: {inventory(each.type for each in follow)} ({prose(components)})."
    deleted = [each for each in others if each.operation == "deleted"]
    for component, group in groupby(deleted, key=lambda each: each.component):
        yield f"- {prose(component)}: {inventory(each.type for each in group)} deleted."


def _why(replacement: Replacement) -> str:
    if replacement.causes:
        return f" ({', '.join(_arrow(change) for change in replacement.causes)})"
    return " because of a replaced reference" if replacement.follows and replacement.operation == "replaced" else ""


def _capped(lines: list[str], more: str = "- and {} more") -> list[str]:
    return [*lines[:LISTED], more.format(len(lines) - LISTED)] if len(lines) > LISTED else lines


def _arrow(change: Change) -> str:
    if change.before is change.after is None:
        return prose(change.property)
    before, after = excerpts(change)
    return f"{code(change.property)} {_value(before)} → {_value(after)}"


def _list(title: str, added: list[tuple[str, str]], removed: Iterable[object]) -> Iterator[str]:
    found = [*added, *(("-", str(each)) for each in removed)]
    lines = [_wrapped(text, f"{sign} ") for sign, text in found]
    if lines:
        shown = "\n".join(_capped(lines, "  and {} more"))
        yield "\n".join([f"#### {title}", "", *_fenced(shown, "diff")])


def _edits(found: tuple[Edit, ...]) -> Iterator[str]:
    lines = [_edit(each) for each in found]
    if lines:
        yield "\n".join(["#### Other changes", "", *_capped(lines)])


def _edit(edit: Edit) -> str:
    subject = f"{'a new ' if edit.is_new else ''}{prose(noun(edit.type))} {code(edit.name)}"
    changes = f": {', '.join(_arrow(change) for change in edit.changes)}" if edit.changes else ""
    return f"- {prose(edit.component or 'stack')}: {subject}{changes}"


def _steps(changes: Changes) -> str:
    if not changes.steps:
        return ""
    lines = [line for step in changes.steps for line in _step(step)]
    title = f"{changes.stack}: {counted(len(changes.steps), 'engine step')}"
    return "\n".join(
        [f"<details><summary>{prose(title)}</summary>", "", *_fenced("\n".join(lines), "diff"), "", "</details>"]
    )


def _step(step: Detail) -> Iterator[str]:
    # In a diff block GitHub colours the lines that begin with +, - or !.
    sign = {"create": "+", "delete": "-"}.get(step.operation, "!")
    yield f"{sign} {step.operation} {step.name} ({step.type})"
    for change in step.changes:
        for sign, value in zip("-+", excerpts(change), strict=True):
            if value is not None:
                yield f"{sign}     {change.property}: {value}"


def _alert(kind: str, lines: Iterable[str]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in [f"[!{kind}]", *lines])


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in cells)


def _values(change: Change) -> tuple[str, ...]:
    """Two cells, empty for a change without values."""
    return ("", "") if change.before is change.after is None else tuple(_value(each) for each in excerpts(change))


def _value(value: str | None) -> str:
    return "—" if value is None else code(value)


def _wrapped(text: str, sign: str = "") -> str:
    """Continuation lines repeat the sign, by which GitHub colours them."""
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
    """Inline code, in a fence longer than any in the text."""
    text = " ".join(text.split())
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """The text with all Markdown, HTML and mentions escaped."""
    escaped = re.sub(r"([\\`*_\[\]~])", r"\\\1", " ".join(text.split()))
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=\w)", "@\u200b", escaped)
