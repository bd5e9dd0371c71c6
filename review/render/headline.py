"""Summarizes the changes of one stack in one line."""

from __future__ import annotations

from collections.abc import Iterator

from ecs import types
from review.changes.replacements import Replacement
from review.changes.rollouts import Rollout
from review.changes.stack import Changes
from review.nouns import counted, noun

NAMED = 3
"""Items of a list that are named when it has more than ALL; the others are counted."""
ALL = 5
"""Items of a list that are all named."""


def headline(changes: Changes) -> str:
    """As `1 service rolls out (promptsvc: new image), nothing is replaced`."""
    if changes.errors:
        failure = f"fails with {counted(len(changes.errors), 'error')}"
        return f"{failure}; changed before that: {_joined(changes)}" if _parts(changes) else failure
    if changes.removed:
        return "its stack file is removed"
    if changes.summary:
        number = sum(step.type == types.SERVICE for step in changes.steps)
        return f"first deployment: {counted(number, 'service')}, {counted(len(changes.steps), 'resource')}"
    if changes.is_empty:
        return "nothing changes"
    return _joined(changes)


def _joined(changes: Changes) -> str:
    return ", ".join(_parts(changes) or ["no service, connection or permission changes, nothing is replaced"])


def _parts(changes: Changes) -> list[str]:
    parts = [*_services(changes), *_connectivity(changes), *_permissions(changes), *_edits(changes)]
    if not parts and not changes.replacements:
        return []
    return [*parts, *(_replacements(changes.replacements) or ["nothing is replaced"])]


def _services(changes: Changes) -> Iterator[str]:
    for kind, verb in (("new", "is new"), ("removed", "is removed"), ("replaced", "is replaced")):
        found = [each.service for each in changes.rollouts if each.kind == kind]
        if found:
            yield f"{_are(len(found), 'service', verb)} ({_listed(found)})"
    if rolling := [each for each in changes.rollouts if each.kind == "rolls out"]:
        number = _are(len(rolling), "service", "rolls out")
        yield f"{number} ({_why(rolling)})"


def _why(rolling: list[Rollout]) -> str:
    reasons = {each.service: ", ".join(reason.summary for reason in each.reasons) for each in rolling}
    if len(set(reasons.values())) == 1 and len(reasons) > 1:
        return f"{_listed(list(reasons))}: {next(iter(reasons.values()))}"
    shown = [f"{name}: {why}" for name, why in list(reasons.items())[:NAMED]]
    return "; ".join([*shown, *([f"{len(reasons) - NAMED} more"] if len(reasons) > NAMED else [])])


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= ALL else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def _connectivity(changes: Changes) -> Iterator[str]:
    reported = {each.service for each in changes.rollouts if each.kind in ("new", "removed")}
    for found, verb in ((changes.reachable, "newly reaches"), (changes.unreachable, "no longer reaches")):
        others = [f"{each.source} {verb} {each.target}" for each in found if not {each.source, each.target} & reported]
        if others:
            yield f"{'; '.join(others[:NAMED])}{f' and {len(others) - NAMED} more' if len(others) > NAMED else ''}"


def _permissions(changes: Changes) -> Iterator[str]:
    if not changes.rollouts and (changes.granted or changes.revoked):
        yield "permissions change"


def _edits(changes: Changes) -> Iterator[str]:
    edited = [f"{each.component or 'the stack'}'s {noun(each.type)}" for each in changes.edits if not each.is_new]
    added = sorted({each.component or "the stack" for each in changes.edits if each.is_new})
    if edited := list(dict.fromkeys(edited)):
        yield f"{_listed(edited)} {'changes' if len(edited) == 1 else 'change'}"
    if added:
        yield f"{', '.join(added)} {'grows' if len(added) == 1 else 'grow'}"


def _replacements(replacements: tuple[Replacement, ...]) -> list[str]:
    parts: list[str] = []
    for operation in ("replaced", "deleted"):
        found = [each for each in replacements if each.operation == operation]
        if not found:
            continue
        nouns = sorted({noun(each.type) for each in found if each.data})
        data = f" (with data: {', '.join(nouns)})" if nouns else ""
        parts.append(f"{_are(len(found), 'resource', f'is {operation}')}{data}")
    return parts


def _are(number: int, word: str, verb: str) -> str:
    plural = verb.replace("is ", "are ").replace("rolls ", "roll ")
    return f"{counted(number, word)} {verb if number == 1 else plural}"
