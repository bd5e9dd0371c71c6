"""The pull request of a promotion: `python3 -m tools.ci.promotion check`, then `publish`.

`check` finds out whether the token may open a pull request, before anything is tagged or pushed. `publish` commits
Pulumi.prod.yaml to the branch `promotion` and opens or updates its pull request, or closes it if there is no change.
Uses the standard library only: `check` runs before packages are installed.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator

from tools.ci.command import CommandError, run

BRANCH, BASE = "promotion", "main"
FILE = "Pulumi.prod.yaml"
TITLE = "prod: run the images of dev"
FORBIDDEN = "not permitted to create or approve pull requests"
"""Of GitHub's answer, 403, when the setting is off, as it is in a new repository.
https://github.com/github/docs/issues/36525"""
SETTING = """\
The token of this workflow may not open pull requests. An administrator of the repository allows it with

    gh api --method PUT repos/{repository}/actions/permissions/workflow \\
      -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true

unless the organization forbids it, or gives the environment dev the secret PROMOTION_TOKEN: docs/ci.md."""


def main(arguments: list[str]) -> int:
    try:
        {"check": check, "publish": publish}[" ".join(arguments)]()
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check() -> None:
    """Requests a pull request of main into main, which GitHub can only refuse. The refusal says what the token may do.

    422 is the answer to a token that may open one. That GitHub looks at the permission first was not tried: otherwise
    `publish` reports the refusal later. The setting itself cannot be read: that needs a token of an administrator.
    https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request,
    https://docs.github.com/en/rest/actions/permissions#get-default-workflow-permissions-for-a-repository
    """
    try:
        _open(head=BASE, body="")
    except CommandError as error:
        if "(HTTP 422)" not in str(error):
            raise


def publish() -> None:
    number = _pull_request()
    commit = os.environ["GITHUB_SHA"]
    link = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format_map(os.environ)
    if run("git", "status", "--porcelain", "--", FILE) == "":
        if number:
            reason = f"At {commit} prod already pins the images that dev runs."
            run("gh", "pr", "close", number, "--delete-branch", "--comment", reason)
        return
    body = "\n".join(
        [
            f"dev passed its smoke test at {commit} on {os.environ['TESTED']}, in [this run]({link}). It ran:",
            "",
            *_tested(),
            "",
            "Merging this starts the deployment of prod, which waits for approval.",
        ]
    )
    run("git", "switch", "--create", BRANCH)
    author = ("-c", f"user.name={BRANCH}", "-c", f"user.email={BRANCH}@users.noreply.github.com")
    run("git", *author, "commit", "--quiet", "--message", TITLE, "--", FILE)
    run("gh", "auth", "setup-git")
    run("git", "push", "--force", "origin", BRANCH)
    if number:
        # Not `gh pr edit`, which also reads projects, for which the workflow's token has no permission.
        _request("PATCH", f"/{number}", body=body)
    else:
        _open(head=BRANCH, body=body)


def _tested() -> Iterator[str]:
    """A table of what dev ran. IMAGES and COMMITS are outputs of its stack, as JSON objects by service.

    An image that was built from an edited checkout, or from none, has no commit.
    """
    images: dict[str, str] = json.loads(os.environ["IMAGES"])
    commits: dict[str, str] = json.loads(os.environ["COMMITS"])
    yield from ("| service | image | commit of its source |", "|---|---|---|")
    for service, image in sorted(images.items()):
        yield f"| {service} | `{image.rpartition('@')[2]}` | {commits.get(service, 'not recorded')} |"


def _pull_request() -> str:
    """The number of the open pull request of this repository's branch; empty if there is none.

    A fork may also have a branch of this name.
    """
    own = ".[] | select(.isCrossRepository == false) | .number"
    listed = ("--head", BRANCH, "--base", BASE, "--limit", "100", "--json", "number,isCrossRepository", "--jq", own)
    return run("gh", "pr", "list", *listed).strip()


def _open(*, head: str, body: str) -> None:
    try:
        _request("POST", "", title=TITLE, head=head, base=BASE, body=body)
    except CommandError as error:
        if FORBIDDEN in str(error):
            raise CommandError(SETTING.format(repository=os.environ["GITHUB_REPOSITORY"])) from None
        raise


def _request(method: str, path: str, **fields: str) -> None:
    options = [part for name, value in fields.items() for part in ("-f", f"{name}={value}")]
    run("gh", "api", "--silent", "--method", method, f"repos/{os.environ['GITHUB_REPOSITORY']}/pulls{path}", *options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
