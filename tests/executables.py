"""Programs that tests put on PATH."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path


def write_python(file: Path, code: str) -> None:
    """Writes a command that runs the code. The path of this interpreter may hold a space, which `#!` cannot name."""
    module = file.with_suffix(".py")
    module.write_text(code)
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(module))} "$@"\n')
    file.chmod(0o755)
