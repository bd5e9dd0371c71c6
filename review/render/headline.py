"""Summarizes the changes of one stack in one short line."""

from __future__ import annotations

from collections.abc import Iterator, Sized

from ecs import types
from review.changes.concerns.concern import TOPICS
from review.changes.replacements import Replacement
from review.changes.rollouts import Rollout
from review.changes.stack import Changes, Edit
from review.nouns import NAMED, counted, listed, noun

LONGEST = 96
"""Characters of a headline with its stack and mark: two lines of GitHub's text at a width of 420 pixels."""
MORE = ", and more"
Part = tuple[str, ...]
"""The forms of a part, the longest first."""


def headline(changes: Changes) -> str:
    """As `1 service rolls out (promptsvc: new image), chatsvc's scaling target: maxCapacity 6 → 9`."""
    longest = LONGEST - len(f"{changes.stack}{mark(changes)}: ")
    if changes.errors:
        failure = f"fails with {counted(len(changes.errors), 'error')}"
        changed = _fitted(list(_parts(changes)), longest - len(failure) - len("; before that: "))
        return f"{failure}; before that: {changed}" if changed else failure
    if changes.removed:
        return "its stack file is removed"
    if changes.summary:
        number = sum(step.type == types.SERVICE for step in changes.steps)
        return f"first deployment: {counted(number, 'service')}, {counted(len(changes.steps), 'resource')}"
    if changes.is_empty:
        return "nothing changes"
    return _fitted(list(_parts(changes)), longest) or "no service, connection or permission changes"


def mark(changes: Changes) -> str:
    """The worst concern, as ` (caution: exposed)`; empty without one."""
    if changes.errors:
        return " (caution)"
    return f" ({changes.concerns[0].severity}: {TOPICS[changes.concerns[0].topic]})" if changes.concerns else ""


def _fitted(parts: list[Part], longest: int) -> str:
    """The parts in forms that fit: each in turn gets a longer one. Parts that do not fit become `and more`."""
    shown, more = [forms[-1] for forms in parts], ""
    while len(text := ", ".join(shown) + more) > longest and len(shown) > 1:
        shown, more = shown[:-1], MORE
    for level in range(2, 1 + max((len(forms) for forms in parts), default=0)):
        for index, forms in enumerate(parts[: len(shown)]):
            if level <= len(forms):
                longer = [*shown[:index], forms[-level], *shown[index + 1 :]]
                if len(", ".join(longer) + more) <= longest:
                    shown, text = longer, ", ".join(longer) + more
    return text


def _parts(changes: Changes) -> Iterator[Part]:
    """The worst first."""
    with_data = [each for each in changes.replacements if each.data]
    for operation in ("replaced", "deleted"):
        yield from _resources([each for each in with_data if each.operation == operation], operation, " with data")
    yield from _services(changes)
    if changes.logins:
        yield ("database logins change",)
    if names := list(dict.fromkeys(each.job for each in changes.jobs)):
        text = f"{counted(len(names), 'job')} {_change(names)}"
        yield f"{text} ({listed(names)})", text
    others = [each for each in changes.replacements if not each.data]
    for operation in ("replaced", "deleted"):
        yield from _resources([each for each in others if each.operation == operation], operation, "")
    yield from _edits(changes)
    yield from _connectivity(changes)
    if not changes.rollouts and (changes.granted or changes.revoked):
        yield ("permissions change",)


def _resources(found: list[Replacement], operation: str, data: str) -> Iterator[Part]:
    kinds = sorted({noun(each.type) for each in found})
    if len(kinds) == 1:
        yield (f"{counted(len(found), kinds[0])}{data} {_be(found)} {operation}",)
    elif found:
        text = f"{len(found)} resources{data} are {operation}"
        yield f"{text} ({listed(kinds)})", text


def _services(changes: Changes) -> Iterator[Part]:
    for kind in ("removed", "replaced", "new"):
        if found := [each.service for each in changes.rollouts if each.kind == kind]:
            text = f"{len(found)} service{_s(found)} {_be(found)} {kind}"
            yield f"{text} ({listed(found)})", text
    if rolling := [each for each in changes.rollouts if each.kind == "rolls out"]:
        text = f"{len(rolling)} service{_s(rolling)} {'rolls' if len(rolling) == 1 else 'roll'} out"
        names = listed([each.service for each in rolling])
        yield f"{text} ({_why(rolling, values=True)})", f"{text} ({_why(rolling)})", f"{text} ({names})", text


def _why(rolling: list[Rollout], *, values: bool = False) -> str:
    reasons = {
        each.service: ", ".join((reason.values if values else "") or reason.summary for reason in each.reasons)
        for each in rolling
    }
    if len(set(reasons.values())) == 1:
        return f"{listed(list(reasons))}: {next(iter(reasons.values()))}"
    return "; ".join(f"{name}: {why}" for name, why in reasons.items())


def _connectivity(changes: Changes) -> Iterator[Part]:
    reported = {each.service for each in changes.rollouts if each.kind in ("new", "removed")}
    for found, verb, state in (
        (changes.reachable, "newly reaches", "opened"),
        (changes.unreachable, "no longer reaches", "closed"),
    ):
        others = [f"{each.source} {verb} {each.target}" for each in found if not {each.source, each.target} & reported]
        if others := list(dict.fromkeys(others)):
            yield "; ".join(others), f"{len(others)} connection{_s(others)} {_be(others)} {state}"


def _edits(changes: Changes) -> Iterator[Part]:
    edited = [each for each in changes.edits if not each.is_new]
    if edited:
        owners = list(dict.fromkeys(f"{each.component or 'the stack'}'s {noun(each.type)}" for each in edited))
        kinds = {noun(each.type) for each in edited}
        short = f"{counted(len(edited), kinds.pop() if len(kinds) == 1 else 'resource')} {_change(edited)}"
        named = f"{', '.join(owners)} {_change(owners)}" if len(owners) <= NAMED else short
        yield _values(edited, owners[0]) or named, named, short
    if added := [each for each in changes.edits if each.is_new]:
        text = f"{len(added)} resource{_s(added)} {_be(added)} new"
        yield f"{text} ({listed(sorted({each.component or 'stack' for each in added}))})", text


def _values(edited: list[Edit], owner: str) -> str:
    """The values of a single property."""
    changes = [change for each in edited for change in each.changes]
    if len(changes) != 1 or changes[0].before is None or changes[0].after is None:
        return ""
    return f"{owner}: {changes[0].property} {changes[0].before} → {changes[0].after}"


def _s(found: Sized) -> str:
    return "" if len(found) == 1 else "s"


def _be(found: Sized) -> str:
    return "is" if len(found) == 1 else "are"


def _change(found: Sized) -> str:
    return "changes" if len(found) == 1 else "change"
