"""Lists the slowest test files and tests of the last run, from the report that pytest writes for `make test`."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from config.problems import UserError

REPORT = Path(__file__).parent.parent / ".cache" / "test-times.xml"
FILES, TESTS = 20, 30
"""How many of each are listed."""


def main() -> str | None:
    try:
        print("\n".join(lines(REPORT)))
    except UserError as error:
        return str(error)
    return None


def lines(report: Path) -> Iterator[str]:
    """Seconds of wall-clock time, with the fixtures that a test is the first to need. Raises UserError."""
    tests = read(report)
    files = [
        (sum(seconds for _, _, seconds in group), name)
        for name, each in groupby(sorted(tests), key=lambda test: test[0])
        if (group := list(each))
    ]
    yield f"{len(tests):,} tests took {sum(seconds for seconds, _ in files):,.0f} s in all processes."
    yield "\nSlowest files"
    yield from (f"{seconds:7.1f} s  {name}" for seconds, name in sorted(files, reverse=True)[:FILES])
    yield "\nSlowest tests"
    slowest = sorted(tests, key=lambda test: -test[2])[:TESTS]
    yield from (f"{seconds:7.1f} s  {file}::{name}" for file, name, seconds in slowest)


def read(report: Path) -> list[tuple[str, str, float]]:
    """The file, the name and the seconds of each test in a report. Raises UserError.

    https://docs.pytest.org/en/stable/how-to/output.html#creating-junitxml-format-files
    """
    try:
        cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
    except FileNotFoundError:
        raise UserError(f"{report}: does not exist. Run `make test`, which writes it.") from None
    except ElementTree.ParseError as error:
        raise UserError(f"{report}: is not a report of pytest ({error}). Run `make test`, which writes it.") from None
    return [
        (f"{each.attrib['classname'].replace('.', '/')}.py", each.attrib["name"], float(each.attrib["time"]))
        for each in cases
    ]


if __name__ == "__main__":
    sys.exit(main())
