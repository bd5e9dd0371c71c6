"""The fixtures of the engine tests, and a summary: `make test-kill` takes them to every request of two updates."""

from __future__ import annotations

import time
from typing import Any

from tests.engine.conftest import checkout, cli, dev, dev_home

__all__ = ["checkout", "cli", "dev", "dev_home"]

STARTED = time.monotonic()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Prints a line for each update: its requests, the kills and those that promise 9 did not survive."""
    outcomes = {outcome: terminalreporter.stats.get(outcome, []) for outcome in ("passed", "failed")}
    reports = [each for found in outcomes.values() for each in found if each.when == "call"]
    for name in sorted({each.nodeid.partition("[")[0] for each in reports}):
        found = [each for each in reports if each.nodeid.startswith(f"{name}[")]
        failed = sum(each in outcomes["failed"] for each in found)
        requests = len({each.nodeid.partition("[")[2].split("-")[0] for each in found})
        terminalreporter.write_line(
            f"{name.rpartition('::')[2]}: {requests} requests, {len(found)} kills, {failed} failures,"
            f" {time.monotonic() - STARTED:.0f} s"
        )
