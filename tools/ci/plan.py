"""`python -m tools.ci.plan prod`: previews a stack before its reviewers approve the update.

Prints the preview, writes it into the job's summary, and sets the job's output `changes` to true or false. Fails as
`pulumi preview` does. Without changes there is nothing to approve.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from review.render.limits import SUMMARY, cut

END = "\nThe rest is in the log of this job.\n"
CHANGES = 7
"""The exit code of `--expect-no-changes` if there are changes; a preview that fails has another one.
https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/cmd/pulumi/cmd/exit_codes.go"""


def main(arguments: list[str]) -> int:
    [stack] = arguments
    # As `pulumi up --refresh` would run it, so that what reviewers see is what happens.
    command = ["pulumi", "preview", "--refresh", "--expect-no-changes", "--color", "never", "--stack", stack]
    done = subprocess.run(
        [*command, "--policy-pack", "policy"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(done.stdout, end="")
    _append("GITHUB_STEP_SUMMARY", f"## Changes of {stack}\n\n{_fenced(cut(done.stdout, SUMMARY, END))}\n")
    if done.returncode not in (0, CHANGES):
        return done.returncode
    _append("GITHUB_OUTPUT", f"changes={'true' if done.returncode else 'false'}\n")
    return 0


def _fenced(text: str) -> str:
    """No line of a preview begins with so many tildes."""
    return f"~~~~~~~~\n{text.rstrip()}\n~~~~~~~~"


def _append(variable: str, text: str) -> None:
    with Path(os.environ[variable]).open("a") as file:
        file.write(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
