"""The list of slow tests, from reports of pytest's format."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import UserError
from tools import test_times

REPORT = """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">
<testcase classname="tests.unit.test_b" name="test_quick[a-b]" time="0.25" />
<testcase classname="tests.engine.test_a" name="test_slow" time="4.5"><failure message="x" /></testcase>
<testcase classname="tests.unit.test_b" name="test_slowest" time="4.75" />
</testsuite></testsuites>"""


def test_files_and_tests_are_listed_the_slowest_first_and_a_file_with_the_sum_of_its_tests(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert list(test_times.lines(report)) == [
        "3 tests took 10 s in all processes.",
        "\nSlowest files",
        "    5.0 s  tests/unit/test_b.py",
        "    4.5 s  tests/engine/test_a.py",
        "\nSlowest tests",
        "    4.8 s  tests/unit/test_b.py::test_slowest",
        "    4.5 s  tests/engine/test_a.py::test_slow",
        "    0.2 s  tests/unit/test_b.py::test_quick[a-b]",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "report.xml: does not exist. Run `make test`"),
        (REPORT[:99], "report.xml: is not a report of pytest ("),
    ],
)
def test_a_report_that_does_not_exist_or_is_cut_off_is_one_message(
    tmp_path: Path, content: str | None, problem: str
) -> None:
    report = tmp_path / "report.xml"
    if content:
        report.write_text(content)
    with pytest.raises(UserError) as refused:
        list(test_times.lines(report))
    assert problem in str(refused.value)
    assert str(refused.value).endswith("Run `make test`, which writes it.")
