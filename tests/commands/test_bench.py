from __future__ import annotations

import re
from pathlib import Path

from config import catalogue
from tests.declared import ROOT
from tools import bench


def test_a_row_of_the_benchmark_has_a_figure_in_each_column(tmp_path: Path) -> None:
    """The figures themselves are no claim: they depend on the machine."""
    services = len(catalogue.load(ROOT).names)
    columns = bench.row(tmp_path / "checkout", services, 1).strip("| ").split(" | ")
    assert (len(columns), columns[0]) == (6, str(services))
    assert int(columns[1]) > services, "a service is several resources"
    assert all(re.fullmatch(r"\d+(\.\d+)? (s|MiB)", each) for each in columns[2:])
