"""The start and the end of every command of this repository. Uses the standard library only, to start at once."""

from __future__ import annotations

import importlib
import locale
import os
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130


def run(module: str) -> NoReturn:
    """Imports the module, runs its `main` and exits with the code that it returns.

    An interrupt is one message, also during the imports, which take a second. SIGTERM and SIGHUP are interrupts.
    """
    try:
        for each in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(each) is not signal.SIG_IGN:  # as under nohup
                signal.signal(each, _interrupt)
        _use_utf8()
        _print_every_name()
        leave(importlib.import_module(module).main() or 0)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _report("Interrupted.")
        leave(INTERRUPTED)
    except BrokenPipeError:  # the reader of the output left, as `head` does
        os._exit(1)
    except ModuleNotFoundError as error:
        if (Path(__file__).parent.parent / (error.name or "").partition(".")[0]).exists():
            raise  # a module of this repository: a defect
        _report(f"{error.name}: not installed for {sys.executable}. Run `make up`, then use .venv/bin/python.")
        leave(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _report(f"{where}{error.strerror or error}.")
        leave(1)


def leave(code: int) -> NoReturn:
    """Exits without Python's shutdown, which is slow with the thousands of classes of the Pulumi SDKs."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:  # nobody reads the output, or the disk is full
        os._exit(code or 1)
    os._exit(code)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _use_utf8() -> None:
    """Starts again in UTF-8 mode in another locale: files of this repository are UTF-8. The terminal stays as it is."""
    if locale.getencoding().lower().replace("-", "") == "utf8" or sys.flags.utf8_mode:
        return
    os.environ["PYTHONIOENCODING"] = sys.stdout.encoding
    os.environ["PYTHONUTF8"] = "1"
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def _print_every_name() -> None:
    """Prints the bytes of a file name that are no text as escapes."""
    for each in (sys.stdout, sys.stderr):
        if isinstance(each, TextIOWrapper) and each.errors in ("strict", "surrogateescape"):
            each.reconfigure(errors="backslashreplace")


def _report(message: str) -> None:
    try:
        print(message, file=sys.stderr)
    except OSError:
        os._exit(INTERRUPTED)


if __name__ == "__main__":  # for modules without a __main__.py: python -m simulator.process tools.demo
    run(sys.argv.pop(1))
