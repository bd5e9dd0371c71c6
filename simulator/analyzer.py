"""Runs a Python policy pack, as `pulumi-analyzer-policy-python` does, and exits when the engine does."""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time


def _exit_with(parent: int) -> None:
    """Exits when the parent process is gone. A killed engine does not stop its analyzers."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_exit_with, args=[os.getppid()], daemon=True).start()
    sys.argv[0] = "pulumi.policy"
    runpy.run_module("pulumi.policy", run_name="__main__")
