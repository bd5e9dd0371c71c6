"""Prints the outputs of a workflow's job `stacks`: `python -m tools.ci.stacks >> "$GITHUB_OUTPUT"`.

`stacks` has the stacks that the event concerns, `building` those of them that build their images, both as JSON. Only a
job of a building stack needs the services' sources and the token that reads them.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from config import stackfile
from config.problems import UserError

ROOT = Path(__file__).parents[2]


def main(root: Path = ROOT) -> int:
    """STACK limits the stacks to one. GITHUB_EVENT_NAME is set by GitHub."""
    try:
        stacks, building = select(root, event=os.environ.get("GITHUB_EVENT_NAME", ""), only=os.environ.get("STACK", ""))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"stacks={json.dumps(stacks)}\nbuilding={json.dumps(building)}")
    return 0


def select(root: Path, *, event: str, only: str = "") -> tuple[list[str], list[str]]:
    """The stacks that an event concerns, and those of them that build their images. Raises UserError.

    A commit of a service (`repository_dispatch`) concerns only the stacks that build it: the others run digests.
    """
    stacks = [only] if only else stackfile.stacks(root)
    building = [stack for stack in stacks if stackfile.builds(stackfile.config(root / stackfile.name(stack)))]
    return (building if event == "repository_dispatch" else stacks), building


if __name__ == "__main__":
    sys.exit(main())
