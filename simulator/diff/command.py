"""`rehearse` and `diff` on the command line."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

import stackfiles
from simulator.diff import run, siblings, terminal, worktree
from simulator.diff.changes import Changes
from simulator.diff.page import page
from simulator.engine import Simulator
from simulator.errors import SimulatorError
from simulator.program import Program

COMMANDS = {
    "rehearse": "say what up would refuse and change, found out in a throw-away copy of the simulated cloud",
    "diff": "say what the working tree changes against another commit, in a reviewer's words",
}
FORMATS = ("terminal", "markdown", "json")
FIRST = ("dev", "prod")
"""prod pulls from dev's repositories."""


def add(command: argparse.ArgumentParser, name: str) -> None:
    """The options that only these two know."""
    if name == "diff":
        command.add_argument("--base", required=True, metavar="REF", help="the commit to compare with: main, HEAD~1 …")
        command.add_argument(
            "--stack", action="append", dest="stacks", help="may be given several times (default: all stack files)"
        )
    command.add_argument("--format", choices=FORMATS, default="terminal", help="default: terminal")


def main(options: argparse.Namespace, simulator: Simulator) -> int:
    """The exit code: 1 when something is refused. Raises SimulatorError for what cannot be compared at all."""
    try:
        comparison = (
            rehearse(simulator, options.stack)
            if options.command == "rehearse"
            else compare(run.quiet(simulator), options.base, options.stacks)
        )
    except KeyboardInterrupt:
        _say("Interrupted. Nothing was changed: all of it was thrown away.")
        return 130
    found, title, notes = comparison.stacks, comparison.title, comparison.notes
    if options.format == "markdown":
        print(page(found, title=title, notes=notes), end="")
    elif options.format == "json":
        print(terminal.as_json(found, notes=notes))
    else:
        terminal.show(Console(), found, notes=notes)
    return 1 if any(each.refused for each in found) else 0


@dataclass(frozen=True, kw_only=True)
class Comparison:
    title: str
    notes: list[str]
    stacks: list[Changes]


def rehearse(simulator: Simulator, stack: str) -> Comparison:
    """What an `up` in this home comes to. The home stays as it is."""
    with run.in_a_copy(simulator) as there:
        before = there.resources(stack)
        found = run.compared(stack, before, run.bring_up(there, stack))
    return Comparison(title=f"What up would change in {stack}", notes=[], stacks=[found])


def compare(simulator: Simulator, reference: str, stacks: Iterable[str] | None) -> Comparison:
    """The base commit is brought up in an empty home, the working tree over it, dev before prod.

    Both from copies: what git ignores, and where the checkout lies, counts for neither.
    """
    root = simulator.program.root
    base_commit = worktree.commit(root, reference)
    with (
        worktree.checked_out(root, base_commit) as base,
        worktree.copied(root) as head,
        tempfile.TemporaryDirectory(prefix="mrgnl-diff-") as home,
    ):
        missing = siblings.put_beside(root, (base, head))
        there = {name: stackfiles.stacks(each) for name, each in (("base", base), ("head", head))}
        chosen = _chosen(stacks, there)
        old = replace(simulator, program=Program(base), home=Path(home), policy=None)  # by the rules of the head
        new = replace(simulator, program=Program(head), home=Path(home))
        # All of them, whichever are chosen: prod pulls from dev's repositories.
        before = {stack: _bring_up_base(old, stack) for stack in _in_order(there["base"])}
        found = [_changes(new, stack, before, stack in there["head"]) for stack in chosen]
        differ = not _same(base / "requirements.txt", head / "requirements.txt")
    return Comparison(
        title=f"What changes against {reference} ({base_commit[:7]})",
        notes=list(_notes_on_both(missing, differ)),
        stacks=found,
    )


def _notes_on_both(missing: list[str], packages_differ: bool) -> Iterator[str]:
    if missing:
        yield f"Not checked out, so {siblings.SAMPLE} was built instead, for both commits: {', '.join(missing)}."
    if packages_differ:
        yield "requirements.txt differs: the base ran with the packages that are installed here."


def _bring_up_base(simulator: Simulator, stack: str) -> run.Outcome:
    _say(f"{stack}: bringing the base up")
    run.take_pins_as_pushed(simulator, stack)
    return run.bring_up(simulator, stack)


def _changes(simulator: Simulator, stack: str, before: Mapping[str, run.Outcome], in_head: bool) -> Changes:
    base = before.get(stack)
    if in_head and run.moves(simulator, stack):
        _say(f"{stack}: bringing the working tree up from nothing")
        elsewhere = replace(simulator, home=simulator.home / f"moved-{stack}")
        run.take_pins_as_pushed(elsewhere, stack)
        return run.compared(stack, [], run.bring_up(elsewhere, stack), [run.MOVED])
    if not in_head:
        return Changes(stack=stack, removed=True, notes=(run.removed(stack, base.resources if base else None),))
    _say(f"{stack}: bringing the working tree up over it")
    run.take_pins_as_pushed(simulator, stack)
    head = run.bring_up(simulator, stack)
    return run.compared(stack, (base.resources if base else None) or [], head, _notes(base, head))


def _notes(base: run.Outcome | None, head: run.Outcome) -> list[str]:
    if not base or not base.errors:
        return []
    if base.errors == head.errors:
        return ["The base does not come up either, for the same reason."]
    return [f"The base does not come up, so this is compared with as much of it as did: {'; '.join(base.errors)}"]


def _chosen(stacks: Iterable[str] | None, there: Mapping[str, list[str]]) -> list[str]:
    every = _in_order({*there["base"], *there["head"]})
    for stack in stacks or ():
        if stack not in every:
            raise SimulatorError(
                f"--stack {stack!r}: neither commit has Pulumi.{stack}.yaml; there are {', '.join(every)}"
            )
    return [stack for stack in every if not stacks or stack in stacks]


def _in_order(stacks: Iterable[str]) -> list[str]:
    return sorted(stacks, key=lambda each: (each not in FIRST, each))


def _same(one: Path, other: Path) -> bool:
    return (one.read_bytes() if one.exists() else b"") == (other.read_bytes() if other.exists() else b"")


def _say(message: str) -> None:
    print(message, file=sys.stderr)
