"""Where the time of a preview goes, by phase, on the clock and in CPU seconds of Python: `make bench PROFILE=1`.

Runs `python -m simulator preview` several times and prints the medians. A phase begins when the one
before ends; what runs beside it, such as the import of the provider SDK while the engine starts, is in its CPU seconds.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PHASES = {
    "started": "Python starts",
    "imported": "imports of the simulator",
    "engine": "the stack file is checked, the providers are served",
    "run": "the engine starts; the provider SDK is imported",
    "declared": "the program declares its resources",
    "registered": "the engine registers them",
    "ended": "the engine ends",
    "printed": "the summary is printed",
}
"""What ends at each mark."""
REQUESTS = ("Check", "CheckConfig", "DiffConfig", "Diff", "Configure", "Create", "Update", "Read", "Invoke")
"""The provider's methods that a preview calls."""


def marks(start: float, arguments: list[str]) -> dict[str, tuple[float, float]]:
    """Runs the simulator's command in this process. The seconds since its start, and its CPU seconds, by mark."""
    found: dict[str, tuple[float, float]] = {}

    def mark(name: str) -> None:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        found.setdefault(name, (time.monotonic() - start, usage.ru_utime + usage.ru_stime))

    mark("started")
    from simulator import child, cli, engine, provider, sdk

    mark("imported")
    requests: list[float] = []
    _around(child.subprocess, "Popen", before=lambda: mark("engine"))
    _around(sdk.LanguageServer, "Run", before=lambda: mark("run"), after=lambda: mark("registered"))
    _around(sdk, "settled", before=lambda: mark("declared"))
    _around(engine.Simulator, "_run", after=lambda: mark("ended"))
    for method in REQUESTS:
        _timed(provider.Provider, method, requests)
    cli.main(arguments)
    mark("printed")
    found["requests"] = (sum(requests), float(len(requests)))
    return found


def _nothing() -> None:
    pass


def _around(owner: Any, name: str, before: Callable[[], None] = _nothing, after: Callable[[], None] = _nothing) -> None:
    function = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        before()
        try:
            return function(*args, **kwargs)
        finally:
            after()

    setattr(owner, name, wrapped)


def _timed(owner: Any, name: str, seconds: list[float]) -> None:
    function = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*args, **kwargs)
        finally:
            seconds.append(time.thread_time() - start)

    setattr(owner, name, wrapped)


def table(checkout: Path, runs: int) -> str:
    """The medians of several runs after a first one, a row for each phase. Dev must be deployed in the checkout."""
    found = [_measured(checkout) for _ in range(runs + 1)][1:]
    rows = ["| phase | seconds | of which CPU of Python |", "|---|---|---|"]
    before = [(0.0, 0.0)] * runs
    for name, phase in PHASES.items():
        here = [each[name] for each in found]
        clock, cpu = (statistics.median(b[i] - a[i] for a, b in zip(before, here, strict=True)) for i in (0, 1))
        rows.append(f"| {phase} | {clock:.2f} | {cpu:.2f} |")
        before = here
    total = [statistics.median(each["printed"][i] for each in found) for i in (0, 1)]
    rows.append(f"| **all** | **{total[0]:.2f}** | **{total[1]:.2f}** |")
    cpu, count = (statistics.median(each["requests"][i] for each in found) for i in (0, 1))
    requests = f"\nThe simulated providers answer {count:.0f} requests in {cpu:.2f} of these CPU seconds."
    return "\n".join([*rows, requests])


def _measured(checkout: Path) -> dict[str, tuple[float, float]]:
    command = [sys.executable, "-m", "tools.bench_profile", str(time.monotonic()), "preview"]
    run = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    return json.loads(run.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(marks(float(sys.argv[1]), sys.argv[2:])), flush=True)
    os._exit(0)
