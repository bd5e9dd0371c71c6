"""The preview of a stack before its approval, with a fake `pulumi`."""

from __future__ import annotations

import pytest

from review.render.limits import SUMMARY
from tests.workflows import Ran, Runner
from tools.ci.plan import CHANGES

COMMAND = "pulumi preview --refresh --expect-no-changes --color never --stack prod --policy-pack policy"


def plan(runner: Runner, pulumi: str) -> Ran:
    return runner.module("tools.ci.plan", "prod", pulumi=pulumi)


@pytest.mark.parametrize(
    ("pulumi", "code", "output"),
    [
        ("echo '146 unchanged'", 0, "changes=false\n"),
        (f"echo ' ~ update'; exit {CHANGES}", 0, "changes=true\n"),
        ("echo 'error: the stack is currently locked' >&2; exit 1", 1, ""),
    ],
    ids=["nothing changes", "something changes", "the preview fails"],
)
def test_only_a_preview_that_succeeds_says_whether_the_stack_changes(
    runner: Runner, pulumi: str, code: int, output: str
) -> None:
    assert plan(runner, pulumi) == Ran(code=code, called=[COMMAND])
    assert runner.read("output") == output


def test_the_preview_is_in_the_log_and_in_the_summary(runner: Runner) -> None:
    plan(runner, "echo ' ~ a ``` fence'; echo 'a warning' >&2")
    assert runner.read("log") == " ~ a ``` fence\na warning\n"
    assert runner.read("summary") == "## Changes of prod\n\n~~~~~~~~\n ~ a ``` fence\na warning\n~~~~~~~~\n"


def test_a_preview_that_is_longer_than_a_summary_is_cut_at_the_end_of_a_line(runner: Runner) -> None:
    line = "é" * 99
    assert plan(runner, f"yes={line}; i=0; while [ $i -lt 6000 ]; do echo $yes; i=$((i+1)); done").code == 0
    summary = runner.read("summary")
    assert SUMMARY - 200 < len(summary.encode()) < 1024**2
    assert summary.endswith(f"\n{line}\nThe rest is in the log of this job.\n~~~~~~~~\n")
