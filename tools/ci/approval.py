"""Says which deployments of an update wait for a person, and how to answer: `python -m tools.ci.approval STACK`.

A step of its own before the update, as GitHub shows the summary of a step once the step has ended.
"""

from __future__ import annotations

import sys
from pathlib import Path

from config import load
from config.problems import UserError

ROOT = Path(__file__).parents[2]


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Prints Markdown for the summary of a job; nothing if no deployment waits."""
    [stack] = sys.argv[1:] if arguments is None else arguments
    try:
        waits = waiting(root, stack)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    if waits:
        listed = ", ".join(f"{name} (for {minutes} minutes at most)" for name, minutes in waits.items())
        print(
            f"If this update deploys them, these services wait for approval before they get traffic: {listed}.\n\n"
            f"- `python -m ops status {stack}` shows which one waits, and until when\n"
            "- `python tools/smoke.py URL --green` tests the new tasks of the gateway\n"
            f"- `python -m ops approve {stack}` lets them go on, `python -m ops reject {stack}` ends them\n\n"
            "Without an answer ECS goes back to the former revision, and the update fails."
        )
    return 0


def waiting(root: Path, stack: str) -> dict[str, int]:
    """The minutes for which each service waits, if it does. Raises UserError."""
    found = load.stack_file(root, stack)
    strategies = {entry.name: found.settings.strategy(entry) for entry in found.services}
    return {name: each.approve_minutes for name, each in strategies.items() if each and each.approve_minutes}


if __name__ == "__main__":
    sys.exit(main())
