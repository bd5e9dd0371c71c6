"""The issue of the nightly run, with a fake `gh`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.workflows import Runner, step

URL = "https://github.com/o/mrgnl-infra/actions/runs/1"


@pytest.mark.parametrize(
    ("result", "number", "expected"),
    [
        ("failure", "", ["gh issue create --title"]),
        ("failure", "7", []),
        ("skipped", "", ["gh issue create --title"]),
        ("success", "7", ["gh issue close 7"]),
        ("success", "", []),
    ],
)
def test_a_failed_night_opens_one_issue_and_the_next_good_one_closes_it(
    runner: Runner, result: str, number: str, expected: list[str]
) -> None:
    given = replace(runner, environment={"RESULT": result, "RUN": URL})
    ran = given.run(
        step("drift", "report", "Open or close the issue")["run"], gh=f'[ "$2" != list ] || printf "{number}"'
    )
    assert ran.code == 0
    assert [" ".join(each.split()[:4]) for each in ran.called if " list " not in each] == expected
