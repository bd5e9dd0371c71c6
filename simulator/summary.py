"""The summary of an operation, by component, in about ten lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecs import types
from simulator.events import Operation, Result, Step

SYMBOLS = {"create": "+", "update": "~", "replace": "+-", "delete": "-"}
COLUMNS = 80
NAMED = 3
"""The number of resources of a component up to which their names are shown."""
DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
PLANNED = {"create": "to create", "update": "to update", "replace": "to replace", "delete": "to delete"}


def components(steps: Iterable[Step]) -> dict[str, Counter[str]]:
    """The number of created, updated, replaced and deleted resources by outermost component, sorted by its name."""
    found: dict[str, Counter[str]] = {}
    for step in _shown(steps):
        found.setdefault(step.component, Counter())[step.operation] += 1
    return dict(sorted(found.items()))


def changes(result: Result) -> dict[str, str]:
    """The change of each component in a word or two."""
    shown = list(_shown(_done(result)))
    notes = {step.component: step.note for step in shown if step.note}
    return {
        name: notes.get(name) or (DONE[next(iter(count))] if len(count) == 1 else DONE["update"])
        for name, count in components(shown).items()
    }


def lines(stack: str, operation: Operation, result: Result) -> Iterator[str]:
    """One line for the stack, then one for each component that changes."""
    shown = list(_shown(_done(result)))
    words = PLANNED if operation == "preview" else DONE
    count = Counter(step.operation for step in shown)
    total = ", ".join(f"{count[each]} {words[each]}" for each in words if count[each])
    failed = "" if result.succeeded else FAILED[operation] + (AFTER[operation == "preview"] if total else "")
    yield f"{stack}: {failed}{total}" if failed or total else f"{stack}: {NOTHING[operation]}"
    found = components(shown)
    names, width = max(map(len, found), default=0), max((len(_symbols(each)) for each in found.values()), default=0)
    for name, each in found.items():
        line = f"  {name:<{names}}  {_symbols(each):<{width}}"
        detailed = f"{line}  {_detail(shown, name)}"
        yield (detailed if len(detailed) <= COLUMNS else line).rstrip()


FAILED: Mapping[Operation, str] = {
    "preview": "up would fail",
    "up": "up failed",
    "refresh": "refresh failed",
    "destroy": "destroy failed",
}
AFTER = (", after ", "; ")
NOTHING: Mapping[Operation, str] = {
    "preview": "nothing to change",
    "up": "nothing changed",
    "refresh": "nothing changed",
    "destroy": "nothing to delete",
}


def _done(result: Result) -> list[Step]:
    return [step for step in result.steps if step.urn not in result.failed]


def _detail(steps: list[Step], component: str) -> str:
    inside = [step for step in steps if step.component == component]
    if notes := sorted({step.note for step in inside if step.note}):
        return f"({', '.join(notes)})"
    names = [step.name for step in inside if step.name != component]
    return f"({', '.join(names)})" if names and len(names) <= NAMED else ""


def _symbols(count: Counter[str]) -> str:
    return " ".join(f"{SYMBOLS[each]}{count[each]}" for each in SYMBOLS if count[each])


def _shown(steps: Iterable[Step]) -> Iterator[Step]:
    """Without the inner steps of a replacement, the stack itself and the providers."""
    for step in steps:
        kind = step.urn.split("::")[-2]
        if step.operation in SYMBOLS and kind != types.STACK and not kind.startswith(types.PROVIDERS):
            yield step


def as_json(stack: str, operation: Operation, result: Result) -> dict[str, Any]:
    return {
        "stack": stack,
        "operation": operation,
        "succeeded": result.succeeded,
        "changes": {name: dict(count) for name, count in components(_done(result)).items()},
        "errors": list(result.messages),
        "warnings": list(result.warnings),
    }
