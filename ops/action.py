"""A change of what runs: shown first, then made if the user agrees."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.problems import UserError
from ops.table import images_table
from simulator.report import console

DECLINED = 1
"""The exit code if the user does not agree, and of each error."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """A change that is allowed and has not been made."""

    verb: str
    subject: str
    """The stack and the service, as `prod/promptsvc`, or the stack."""
    plan: tuple[str, ...]
    """What would change and what that does, one sentence a line."""
    question: str
    """A question whose answer `y` makes the change; empty if there is nothing to do."""
    follow_up: tuple[str, ...] = ()
    """What must follow, with the next command, one sentence a line."""
    images: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, "tuple[str, str]"])
    """The image of each service before and after, for the table; empty without one."""
    messages: Sequence[str] = ()
    """What `perform` found, which adds to it."""
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For --json."""
    perform: Callable[[], None] = lambda: None  # makes the change; raises UserError


def carry_out(action: Action, options: argparse.Namespace) -> int:
    """Prints the plan, asks, and makes the change. Returns the exit code. Raises UserError without a terminal.

    With --json, standard output has one JSON object and the rest goes to standard error.
    """
    out = sys.stderr if options.json else sys.stdout
    if action.images and not options.json:
        console().print(images_table(action.subject, action.images))
    for line in action.plan:
        print(line, file=out)
    done = False
    if action.question and options.dry_run:
        print("Dry run: nothing was changed.", file=out)
    elif action.question:
        done = options.yes or _agrees(action)
        if done:
            action.perform()
            for line in action.messages:
                print(line, file=out)
        else:
            print("Nothing was changed.", file=out)
    if done or not action.question:
        for line in action.follow_up:
            print(line, file=out)
    if options.json:
        result = {"verb": action.verb, "subject": action.subject, "changed": done, **action.details}
        result["messages"] = [*action.messages]
        print(json.dumps({**result, "plan": action.plan, "follow-up": action.follow_up}, indent=2))
    return 0 if done or options.dry_run or not action.question else DECLINED


def _agrees(action: Action) -> bool:
    """Asks on the terminal. The prompt goes to standard error, so that standard output stays for scripts."""
    if not sys.stdin.isatty():
        raise UserError(
            f"{action.subject}: nothing was changed, because no terminal answers the question. Add --yes to make the"
            " change, or --dry-run to see it only."
        )
    print(f"{action.question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
