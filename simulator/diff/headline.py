"""One line that says it all."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.aws import ecs
from simulator.diff.changes import Changes
from simulator.diff.losses import Loss
from simulator.diff.rollouts import Rollout
from simulator.diff.words import counted, noun

NAMED = 3
"""Services that are named in the line; of more only the number is said."""


def headline(changes: Changes) -> str:
    """As `1 service rolls out (promptsvc: new image), nothing is replaced`."""
    if changes.refused:
        refused = f"refused, {counted(len(changes.refused), 'message')}"
        return f"{refused}; as far as it came: {_joined(changes)}" if _parts(changes) else refused
    if changes.removed:
        return "its stack file is removed"
    if changes.first:
        number = sum(step.type == ecs.SERVICE for step in changes.steps)
        return f"first deployment: {counted(number, 'service')}, {counted(len(changes.steps), 'resource')}"
    if changes.is_empty:
        return "nothing changes"
    return _joined(changes)


def _joined(changes: Changes) -> str:
    return ", ".join(_parts(changes) or ["what changes is not seen from outside, nothing is replaced"])


def _parts(changes: Changes) -> list[str]:
    parts = [*_services(changes), *_reach(changes), *_permissions(changes), *_edits(changes)]
    if not parts and not changes.losses:
        return []
    return [*parts, *(_losses(changes.losses) or ["nothing is replaced"])]


def _services(changes: Changes) -> Iterator[str]:
    for kind, verb in (("new", "is new"), ("removed", "is removed"), ("replaced", "is replaced")):
        found = [each.service for each in changes.rollouts if each.kind == kind]
        if found:
            yield f"{_are(len(found), 'service', verb)} ({_named(found)})"
    if rolling := [each for each in changes.rollouts if each.kind == "rolls out"]:
        number = _are(len(rolling), "service", "rolls out")
        yield f"{number} ({_why(rolling)})"


def _why(rolling: list[Rollout]) -> str:
    reasons = {each.service: ", ".join(reason.summary for reason in each.reasons) for each in rolling}
    if len(set(reasons.values())) == 1 and len(reasons) > 1:
        return f"{_named(list(reasons))}: {next(iter(reasons.values()))}"
    shown = [f"{name}: {why}" for name, why in list(reasons.items())[:NAMED]]
    return "; ".join([*shown, *([f"{len(reasons) - NAMED} more"] if len(reasons) > NAMED else [])])


def _named(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= NAMED + 2 else f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"


def _reach(changes: Changes) -> Iterator[str]:
    unrelated = {each.service for each in changes.rollouts if each.kind in ("new", "removed")}
    for found, verb in ((changes.reachable, "newly reaches"), (changes.unreachable, "no longer reaches")):
        between = [
            f"{each.source} {verb} {each.target}" for each in found if not {each.source, each.target} & unrelated
        ]
        if between:
            yield f"{'; '.join(between[:NAMED])}{f' and {len(between) - NAMED} more' if len(between) > NAMED else ''}"


def _permissions(changes: Changes) -> Iterator[str]:
    if not changes.rollouts and (changes.granted or changes.revoked):
        yield "permissions change"


def _edits(changes: Changes) -> Iterator[str]:
    edited = [f"{each.component or 'the stack'}'s {noun(each.type)}" for each in changes.edits if not each.is_new]
    added = sorted({each.component or "the stack" for each in changes.edits if each.is_new})
    if edited := list(dict.fromkeys(edited)):
        yield f"{_named(edited)} {'changes' if len(edited) == 1 else 'change'}"
    if added:
        yield f"{', '.join(added)} {'grows' if len(added) == 1 else 'grow'}"


def _losses(losses: tuple[Loss, ...]) -> list[str]:
    said: list[str] = []
    for operation in ("replaced", "deleted"):
        found = [each for each in losses if each.operation == operation]
        if not found:
            continue
        holding = sorted({noun(each.type) for each in found if each.data})
        data = f" (holding data: {', '.join(holding)})" if holding else ""
        said.append(f"{_are(len(found), 'resource', f'is {operation}')}{data}")
    return said


def _are(number: int, word: str, verb: str) -> str:
    plural = verb.replace("is ", "are ").replace("rolls ", "roll ")
    return f"{counted(number, word)} {verb if number == 1 else plural}"
