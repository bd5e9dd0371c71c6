"""Merges the concerns of all stacks into few lines, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from review.changes.concerns.concern import SEVERITIES, Concern, Severity
from review.changes.stack import Changes
from review.nouns import counted, listed, noun
from review.render.blocks import Code, Line

HOUSE = "house rules"
"""Takes the place of a stack for concerns about all of them."""
Clauses = tuple[tuple[str, str], ...]
"""Texts with their sources."""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One line."""

    severity: Severity
    stacks: tuple[str, ...]
    subject: Line
    """The resource or resources; empty if the clause names them."""
    clauses: Clauses


def alerts(stacks: Iterable[Changes], rules: Iterable[Concern] = ()) -> list[Alert]:
    """By severity, then by stack, then by topic. Resources and stacks that have the same concerns share a line."""
    found = [(each.stack, each.concerns) for each in stacks]
    rules = tuple(rules)
    merged: list[Alert] = []
    for severity in SEVERITIES:
        lines: dict[tuple[Line, Clauses], list[str]] = {}
        for stack, concerns in [*found, (HOUSE, rules)]:
            for subject, clauses in _of_stack([each for each in concerns if each.severity == severity]):
                lines.setdefault((subject, clauses), []).append(stack)
        merged += [
            Alert(severity=severity, stacks=tuple(names), subject=subject, clauses=clauses)
            for (subject, clauses), names in lines.items()
        ]
    return merged


def _of_stack(concerns: list[Concern]) -> Iterator[tuple[Line, Clauses]]:
    """A resource has one line with all its clauses; so have resources of one type with the same clauses."""
    clauses: defaultdict[tuple[str, str], list[Concern]] = defaultdict(list)
    for number, each in enumerate(concerns):
        clauses[each.type, each.name or str(number)].append(each)
    alike: defaultdict[tuple[str, Clauses], list[Concern]] = defaultdict(list)
    for (kind, _), found in clauses.items():
        alike[kind, tuple((each.text, each.source) for each in found)].append(found[0])
    for (kind, texts), members in alike.items():
        yield _subject(kind, members), texts


def _subject(type: str, members: list[Concern]) -> Line:
    if not type:
        return ()
    if len(members) == 1:
        return (f"{noun(type)} ", Code(members[0].name))
    names = sorted({each.component or each.name for each in members})
    return (f"{counted(len(members), noun(type))} ({listed(names)})",)
