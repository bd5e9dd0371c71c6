"""Starts a Python policy pack, as the CLI's own launcher would, and ends with the engine, however that ends."""

from __future__ import annotations

import os
import runpy
import sys
import threading
import time


def _leave_with(parent: int) -> None:
    """A killed engine tells nobody: its child has another parent then."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_leave_with, args=[os.getppid()], daemon=True).start()
    sys.argv[0] = "pulumi.policy"
    runpy.run_module("pulumi.policy", run_name="__main__")
