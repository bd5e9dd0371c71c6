"""Drift: what was changed or deleted in the simulated cloud behind Pulumi's back."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from config.problems import UserError
from simulator.engine import Result, Simulator, silent
from simulator.sdk import UNKNOWN
from simulator.summary import SYMBOLS

WHAT = {"create": "deleted", "update": "changed", "replace": "changed", "delete": "not declared"}
"""What happened to a resource, by the operation that settles it."""
FOUND = 2
"""The exit code if there is drift."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    resource: str
    """The logical name."""
    what: str
    differences: dict[str, tuple[Any, Any]]
    """The values in the cloud and in the program, by property."""


def show(simulated: Simulator, stack: str, *, as_json: bool, verbose: bool) -> int:
    """Prints the drift and returns the exit code: 0 without drift, 2 with drift, 1 if it cannot be told."""
    report = simulated.report if verbose else silent
    result = preview(replace(simulated, report=report), stack)
    for error in result.messages:
        print(f"error: {error}", file=sys.stderr)
    if not result.succeeded:
        return 1
    drift = sorted(found(result), key=lambda each: each.resource)
    print(json.dumps(_as_json(stack, drift), indent=2) if as_json else "\n".join(lines(stack, drift)))
    return FOUND if drift else 0


def preview(simulated: Simulator, stack: str) -> Result:
    """What an update with a refresh would change, which the drift job of CI asks AWS. Changes nothing.

    Raises UserError.
    """
    if not simulated.home.resources(stack):
        raise UserError(f"{stack}: not deployed. Run `make up STACK={stack}` first.")
    return replace(simulated, refresh=True).run("preview", stack)


def found(result: Result) -> Iterator[Drift]:
    """Without the resources that only follow a deleted one: their new values are not known yet."""
    for step in result.steps:
        known = {key: values for key, values in step.differences.items() if UNKNOWN not in json.dumps(values[1])}
        if step.operation in SYMBOLS and (known or step.operation in ("create", "delete")):
            yield Drift(resource=step.name, what=WHAT[step.operation], differences=known)


def lines(stack: str, drift: list[Drift]) -> Iterator[str]:
    if not drift:
        yield f"{stack}: no drift"
        return
    yield f"{stack}: drift"
    for each in drift:
        yield f"  {each.resource}: {each.what}"
        for key, (cloud, program) in sorted(each.differences.items()):
            yield f"    {key}: {_text(cloud)} in the cloud, {_text(program)} in the program"
    yield f"Run `{command(stack)}` to deploy what the program declares, or change the program to match the cloud."


def command(stack: str) -> str:
    """The command that settles the drift."""
    return f"make up STACK={stack} REFRESH=1"


def _as_json(stack: str, drift: list[Drift]) -> dict[str, Any]:
    resources = {each.resource: {"what": each.what, "differences": each.differences} for each in drift}
    return {"stack": stack, "drift": resources, "command": command(stack) if drift else None}


def _text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, sort_keys=True)
