"""`make bench`: measures the duration and memory of preview and up by number of services.

Measures whole processes of `python -m simulator`, in a copy of the checkout with more services in its catalogue: the
median of several runs after a warm-up. Prints the rows of the table in docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from config import catalogue
from config.catalogue import Entry
from tools import bench_profile

ROOT = Path(__file__).parent.parent
SAMPLING = 0.02
"""Seconds between two samples of the memory of the process tree."""


@dataclass(frozen=True)
class Run:
    seconds: float
    mebibytes: float
    """The peak of the resident memory, summed over the process tree."""
    output: str


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--services", type=int, nargs="+", default=[5, 20, 50, 100], help="numbers of services, one table row each"
    )
    parser.add_argument("--profile", action="store_true", help="print where the time of a preview goes, by phase")
    parser.add_argument("--runs", type=int, default=5, help="runs of preview (default: 5)")
    options = parser.parse_args()
    if options.profile:
        for count in options.services:
            with tempfile.TemporaryDirectory() as folder:
                print(f"{count} services:\n\n{profile(Path(folder) / 'checkout', count, options.runs)}\n", flush=True)
        return
    print("| services | resources | first `up` | `up` without changes | `preview` | memory of the process tree |")
    print("|---|---|---|---|---|---|")
    for count in options.services:
        with tempfile.TemporaryDirectory() as folder:
            print(row(Path(folder) / "checkout", count, options.runs), flush=True)


def row(checkout: Path, count: int, runs: int) -> str:
    """The row for a catalogue of `count` services, measured in a copy of the checkout at this path."""
    _copy(checkout, count)
    first = _measure(checkout, "up", "--json")
    again = [_measure(checkout, "up") for _ in range(2)]
    previews = [_measure(checkout, "preview") for _ in range(runs + 1)][1:]
    resources = sum(each.get("create", 0) for each in json.loads(first.output)["changes"].values())
    return (
        f"| {count} | {resources} | {first.seconds:.1f} s | {_median(again):.1f} s | {_median(previews):.2f} s"
        f" | {max(run.mebibytes for run in previews):.0f} MiB |"
    )


def profile(checkout: Path, count: int, runs: int) -> str:
    """Where the time of a preview goes, with a catalogue of `count` services."""
    _copy(checkout, count)
    _measure(checkout, "up")
    return bench_profile.table(checkout, runs)


def _copy(checkout: Path, count: int) -> None:
    """Copies this checkout, with a catalogue of `count` services."""
    ignored = shutil.ignore_patterns(".git", ".venv", ".cache", ".simulator", "__pycache__")
    shutil.copytree(ROOT, checkout, ignore=ignored)
    (checkout / ".cache").symlink_to(ROOT / ".cache")
    _grow(checkout, count)


def _grow(root: Path, count: int) -> None:
    """Adds gRPC services with a database until the catalogue has `count` services."""
    entries = list(catalogue.load(root))
    more = [Entry(name=f"svc{each}", port=9100 + each, database=True) for each in range(count - len(entries))]
    lines = "".join(f"    {entry!r},\n" for entry in [*entries, *more])
    (root / "services.py").write_text(f"from config.catalogue import Entry\n\nSERVICES = (\n{lines})\n")


def _measure(checkout: Path, command: str, *options: str) -> Run:
    peak = 0.0
    with tempfile.TemporaryFile("w+") as output:
        start = time.monotonic()
        process = subprocess.Popen([sys.executable, "-m", "simulator", command, *options], cwd=checkout, stdout=output)
        while process.poll() is None:
            peak = max(peak, sum(_resident(pid) for pid in _tree(process.pid)))
            time.sleep(SAMPLING)
        seconds = time.monotonic() - start
        if process.returncode:
            sys.exit(f"python -m simulator {command} failed in {checkout}")
        output.seek(0)
        return Run(seconds, peak, output.read())


def _median(runs: list[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _tree(pid: int) -> list[int]:
    """The process and its descendants."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _resident(pid: int) -> float:
    """The resident memory of the process in MiB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    main()
