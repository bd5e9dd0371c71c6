"""Runs random stack files with random faults and recovers. Prints a reproduction of each sequence that fails."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from simulator import toolchain
from tests.declared import ROOT
from tests.fuzz import runner


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    text = "the first and the last seed, or one seed (default: 1:100)"
    parser.add_argument("--seeds", default=range(1, 101), type=_seeds, metavar="A:B", help=text)
    parser.add_argument("--jobs", default=os.cpu_count(), type=int, help="the number of processes (default: the cores)")
    options = parser.parse_args()
    toolchain.pulumi(ROOT, ROOT / ".cache", report=print)
    with tempfile.TemporaryDirectory() as folder:
        return 1 if _run(options.seeds, options.jobs, Path(folder)) else 0


def _seeds(text: str) -> range:
    first, _, last = text.partition(":")
    return range(int(first), int(last or first) + 1)


def _run(seeds: range, jobs: int, folder: Path) -> int:
    """Returns the number of failures."""
    began, played, failures = time.monotonic(), 0, 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done, future in enumerate(as_completed([pool.submit(runner.run, each, folder) for each in seeds]), 1):
            report = future.result()
            played += report.played
            failures += bool(report.problems)
            if report.problems or len(seeds) == 1:
                print(report, flush=True)
            took = f"{time.monotonic() - began:.0f} s"
            summary = f"{done} of {len(seeds)} sequences, {played} faults, {failures} failures, {took}"
            print(summary, file=sys.stderr if done < len(seeds) else sys.stdout, flush=True)
    return failures


if __name__ == "__main__":
    sys.exit(main())
