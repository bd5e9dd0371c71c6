"""The page of a pull request on GitHub: its summary and its one comment."""

from __future__ import annotations

from dataclasses import replace

from review.render.limits import COMMENT
from tests.workflows import Ran, Runner, jobs, step

MARKER = "<!-- mrgnl-infra: preview -->"
URL = "https://github.com/o/mrgnl-infra/actions/runs/1"
CAT, OPENSSL = 'exec /bin/cat "$@"', "echo 1234"


def publish(runner: Runner) -> Ran:
    return runner.run(step("preview", "page", "Publish the page")["run"], cat=CAT, openssl=OPENSSL)


def test_the_summary_has_the_whole_page_and_the_comment_the_short_one(runner: Runner) -> None:
    (runner.folder / "page.md").write_text("# long\n")
    (runner.folder / "comment.md").write_text("# short\n")
    assert publish(runner).code == 0
    assert runner.read("summary") == "# long\n"
    assert runner.read("output") == "page<<1234\n# short\n\n1234\n"


def test_a_comparison_that_failed_replaces_the_page_of_a_former_push(runner: Runner) -> None:
    (runner.folder / "page.md").touch()
    assert publish(runner).code == 0
    message = "There is no page of the last push: its comparison failed. The message is in the log.\n"
    assert runner.read("summary") == message
    assert message in runner.read("output"), "a reviewer would approve what was not compared"


def comment(runner: Runner, *, own: str, page: str = "# short\n", code: int = 0) -> Ran:
    """Writes the comment, where GitHub lists the comments with these numbers as this workflow's."""
    given = {"COMMENTS": "repos/o/mrgnl-infra/issues", "NUMBER": "3", "PAGE": page, "RUN": URL, "GH_TOKEN": "t"}
    script = step("preview", "comment", "Write the page into this workflow's comment")["run"]
    gh = f"""case "$*" in *--paginate*) printf '{own}'; exit {code};; esac"""
    return replace(runner, environment=given).run(script, gh=gh)


LIST = (
    "gh api --paginate repos/o/mrgnl-infra/issues/3/comments?per_page=100 --jq .[] | select(.user.login =="
    f' "github-actions[bot]" and (.body | startswith("{MARKER}"))) | .id'
)


def request(runner: Runner, method: str, path: str) -> str:
    return f"gh api --silent --method {method} repos/o/mrgnl-infra/issues/{path} -F body=@{runner.folder}/comment.md"


def test_the_first_page_is_a_new_comment_that_begins_with_the_marker(runner: Runner) -> None:
    assert comment(runner, own="") == Ran(code=0, called=[LIST, request(runner, "POST", "3/comments")])
    written = (runner.folder / "comment.md").read_text()
    assert written == f"{MARKER}\n# short\n\n[The whole page]({URL}) is in the summary of its run.\n"


def test_a_later_page_replaces_the_comment_with_the_marker_whoever_wrote_last(runner: Runner) -> None:
    assert comment(runner, own="11\\n12\\n") == Ran(code=0, called=[LIST, request(runner, "PATCH", "comments/11")])


def test_a_failure_to_list_the_comments_writes_none(runner: Runner) -> None:
    assert comment(runner, own="", code=4) == Ran(code=4, called=[LIST])


def test_the_longest_page_fits_into_a_comment_and_an_environment_variable(runner: Runner) -> None:
    """65,536 characters and 128 KiB: review/render/markdown.py."""
    assert comment(runner, own="", page="x" * COMMENT).code == 0
    assert len((runner.folder / "comment.md").read_text()) < 65_536


def test_the_job_that_writes_the_comment_runs_no_code_of_the_pull_request() -> None:
    assert [each for each in jobs("preview")["comment"]["steps"] if "uses" in each] == []
