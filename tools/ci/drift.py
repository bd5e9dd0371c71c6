"""Opens an issue for each stack whose nightly run failed, and closes it after a good one: `python3 -m tools.ci.drift`.

GitHub mails the failure of a schedule only to the person who last edited it. Whoever watches the repository is told of
an issue. It stays open, without a comment each night. Uses the standard library only.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from tools.ci.command import CommandError, run

UNLISTED = "drift: the nightly run found no stack file"
"""The title of the issue if the job that lists the stacks failed, so that no stack was compared."""


def main() -> int:
    """STACKS has the names of the stacks as JSON; empty if the job that lists them failed."""
    stacks: list[str] = json.loads(os.environ["STACKS"] or "[]")
    link = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format_map(os.environ)
    try:
        jobs, issues = _jobs(), _issues()
        _report(UNLISTED, "No stack was compared with AWS.", issues, link=link, passed=bool(stacks))
        for stack in stacks:
            job = jobs.get(f"drift ({stack})", {})
            _report(
                f"drift: the nightly run of {stack} failed",
                f"{stack} differs from the program, or could not be read.",
                issues,
                link=job.get("url", link),
                passed=job.get("conclusion") == "success",
            )
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _report(title: str, text: str, issues: dict[str, str], *, link: str, passed: bool) -> None:
    number = issues.get(title)
    if passed and number:
        run("gh", "issue", "close", number, "--comment", f"This run passed: {link}")
    elif not passed and not number:
        run("gh", "issue", "create", "--title", title, "--body", f"{text} {link}")


def _jobs() -> dict[str, dict[str, Any]]:
    """The jobs of this run, by name. A matrix has one result, so its job's own are not among the job's `needs`.

    https://cli.github.com/manual/gh_run_view
    """
    jobs: list[dict[str, Any]] = json.loads(run("gh", "run", "view", os.environ["GITHUB_RUN_ID"], "--json", "jobs"))[
        "jobs"
    ]
    return {each["name"]: each for each in jobs}


def _issues() -> dict[str, str]:
    """The numbers of the open issues that a workflow opened, by title."""
    listed = run("gh", "issue", "list", "--state", "open", "--limit", "1000", "--json", "number,title,author")
    return {each["title"]: str(each["number"]) for each in json.loads(listed) if each["author"].get("is_bot")}


if __name__ == "__main__":
    sys.exit(main())
