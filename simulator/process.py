"""Exits a command of this repository."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """Exits without Python's shutdown, which is slow with the thousands of classes of the Pulumi SDKs."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
