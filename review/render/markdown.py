"""Renders a pull request's page in GitHub's Markdown. Values from the program are escaped, so that none is markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from review.changes.concerns.concern import SEVERITIES, Concern
from review.changes.differences import excerpts
from review.changes.stack import Changes, Detail
from review.deployment.values import visible
from review.nouns import counted
from review.render import duration
from review.render.alerts import Alert, alerts
from review.render.blocks import Block, Code, Line, blocks, in_order
from review.render.headline import headline, mark
from review.render.limits import COMMENT, cut

LISTED = 40
"""Lines of one list or table; the list of engine steps is complete."""
FOOTER = "_From a simulated deployment: nothing was deployed to AWS, which may still reject the change._"


def page(
    stacks: Iterable[Changes],
    *,
    title: str = "Changes",
    notes: Iterable[str] = (),
    rules: Iterable[Concern] = (),
    longest: int = COMMENT,
) -> str:
    """At most `longest` bytes: the longest lists of engine steps are omitted first. `rules`: of the house."""
    stacks, rules = in_order(stacks), tuple(rules)
    notes = [_alert("NOTE", [prose(note)]) for note in notes]
    if stacks and not rules and all(each.is_empty and not each.notes for each in stacks):
        nothing = f"{prose(title)}: none in {', '.join(code(each.stack) for each in stacks)}."
        return "\n\n".join([nothing, *notes]) + "\n"
    top = [f"## {prose(title)}", _overview(stacks), *_errors(stacks), *_alerts(alerts(stacks, rules)), *notes]
    sections = ["\n\n".join(_section(each)) for each in stacks]
    folds = [_steps(each) for each in stacks]
    omitted: list[str] = []
    while len((text := _assembled(top, sections, folds, omitted)).encode()) > longest and any(folds):
        fold = max(range(len(folds)), key=lambda index: len(folds[index]))
        folds[fold] = ""
        omitted.append(stacks[fold].stack)
    return cut(text, longest, "\n\n_The rest is omitted, because the page is too long._\n")


def _assembled(top: list[str], sections: list[str], folds: list[str], omitted: list[str]) -> str:
    note = (
        f"_Omitted, because the page is too long: the engine steps of {', '.join(sorted(omitted))}._" if omitted else ""
    )
    bodies = [part for pair in zip(sections, folds, strict=True) for part in pair]
    return "\n\n".join(part for part in [*top, *bodies, note, FOOTER] if part) + "\n"


def _overview(stacks: Iterable[Changes]) -> str:
    return "\n".join(
        f"- **{prose(each.stack)}**{mark(each)}: {prose(headline(each))}"
        + (f"<br>{prose(duration.line(each.duration))}" if each.duration else "")
        for each in stacks
    )


def _errors(stacks: Iterable[Changes]) -> Iterator[str]:
    for each in stacks:
        if each.errors:
            # No code block: on a narrow screen it would hide the end of each line.
            lines = [prose(line) for error in each.errors for line in error.splitlines() if line.strip()]
            yield _alert("CAUTION", [f"**{prose(each.stack)}: the deployment fails**", "", *_broken(lines)])


def _alerts(found: list[Alert]) -> Iterator[str]:
    for severity in SEVERITIES:
        if lines := [_concern(each) for each in found if each.severity == severity]:
            yield _alert(severity.upper(), _capped(lines))


def _concern(alert: Alert) -> str:
    clauses = "; ".join(f"[{prose(text)}]({source})" if source else prose(text) for text, source in alert.clauses)
    stacks = f"**{prose(', '.join(alert.stacks))}**"
    return f"- {stacks}: {_line(alert.subject)}: {clauses}." if alert.subject else f"- {stacks}: {clauses}."


def _section(changes: Changes) -> Iterator[str]:
    content = [*(prose(note) for note in changes.notes), *(_block(each) for each in blocks(changes))]
    if content or changes.steps:
        yield f"### {code(changes.stack)}"
    yield from content


def _block(block: Block) -> str:
    rows = [[_line(cell) for cell in row] for row in block.rows]
    if block.head:
        shown = [_table(block.head, rows[:LISTED]), *([f"and {len(rows) - LISTED} more"] if len(rows) > LISTED else [])]
        text = "\n\n".join(shown)
    else:
        text = "\n".join(_capped([f"- {row[0]}" for row in rows]))
    if block.folded:
        return f"<details><summary>{prose(block.title)}</summary>\n\n{text}\n\n</details>"
    return f"#### {prose(block.title)}\n\n{text}"


def _line(line: Line) -> str:
    return "".join(code(each) if isinstance(each, Code) else _escaped(each) for each in line)


def _capped(lines: list[str], more: str = "- and {} more") -> list[str]:
    return [*lines[:LISTED], more.format(len(lines) - LISTED)] if len(lines) > LISTED else lines


def _steps(changes: Changes) -> str:
    if not changes.steps:
        return ""
    lines = [line for step in changes.steps for line in _step(step)]
    title = f"{changes.stack}: {counted(len(changes.steps), 'engine step')}"
    # Not a diff block: its green and red would be no judgement of the change.
    return "\n".join([f"<details><summary>{prose(title)}</summary>", "", *_fenced("\n".join(lines)), "", "</details>"])


def _step(step: Detail) -> Iterator[str]:
    yield f"{step.operation} {step.name} ({step.type})"
    for change in step.changes:
        before, after = (value for value in excerpts(change))
        yield f"    {change.property}: {'—' if before is None else before} → {'—' if after is None else after}"


def _alert(kind: str, lines: Iterable[str]) -> str:
    return "\n".join(f"> {line}".rstrip() for line in [f"[!{kind}]", *lines])


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(head), ["---" for _ in head], *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in cells)


def _broken(lines: list[str]) -> Iterator[str]:
    """One paragraph with a break after each line but the last. What would begin a list or a heading is escaped."""
    for number, line in enumerate(lines):
        start = re.sub(r"^(\d*)([-+#.)])", r"\1\\\2", line)
        yield f"{start}<br>" if number < len(lines) - 1 else start


def _fenced(text: str) -> list[str]:
    fence = "`" * max(3, 1 + max((len(each) for each in re.findall("`+", text)), default=0))
    return [fence, *text.splitlines(), fence]


def code(text: str) -> str:
    """Inline code, in a fence longer than any in the text."""
    text = visible(" ".join(text.split()))
    fence = "`" * (1 + max((len(each) for each in re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" or not text else ""
    return f"{fence}{space}{text}{space}{fence}"


def prose(text: str) -> str:
    """The text with all Markdown, HTML and mentions escaped."""
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    """Also `#1` and `GH-1`, which GitHub links, `$`, which begins a formula, and the colon of an address."""
    escaped = re.sub(r"([\\`*_\[\]~$])", r"\\\1", visible(re.sub(r"\s", " ", text)))
    escaped = re.sub(r"(#)(?=\d)|(?<=\bGH)(-)(?=\d)|(:)(?=//)", lambda found: f"\\{found[0]}", escaped)
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=\w)", "@\u200b", escaped)
