"""The build contexts beside a checkout, such as ../mrgnl-authsvc, for copies of it that lie elsewhere."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pulumi import RunError

from mistakes import KEY
from simulator.errors import SimulatorError
from simulator.program import Program
from stackfiles import stacks

SAMPLE = Path("image", "sample")
"""Stands in for a context that is not there."""


def put_beside(root: Path, copies: Iterable[Path]) -> list[str]:
    """What lies beside `root` and a stack file of any of the copies builds, beside each of them.

    So a context is the same for all. Returns those, as `../mrgnl-authsvc`, that the sample of `root` stands in for.
    """
    copies = list(copies)
    missing: list[str] = []
    for context in sorted({context for copy in copies for context in _contexts(copy)}):
        name = context.parts[1]
        source = root.parent / name
        if source.is_dir():
            for copy in copies:
                if not (beside := copy.parent / name).exists():  # linked for another context, or the copy itself
                    beside.symlink_to(source)
        elif (root / SAMPLE).is_dir():
            missing.append(str(context))
            for copy in copies:
                shutil.copytree(root / SAMPLE, copy.parent.joinpath(*context.parts[1:]), dirs_exist_ok=True)
    return missing


def _contexts(root: Path) -> Iterator[PurePosixPath]:
    """Of all services and all stack files, those that lie beside the program."""
    for stack in stacks(root):
        try:
            said = str(Program(root).config(stack)[KEY]["build"]["context"])
        except (SimulatorError, KeyError, TypeError):
            continue  # builds nothing; or what is wrong with it is said when the stack is brought up
        for service in _services(root):
            parts = PurePosixPath(said.replace("{service}", service)).parts
            if len(parts) > 1 and parts[0] == ".." and ".." not in parts[1:]:
                yield PurePosixPath(*parts)


def _services(root: Path) -> list[str]:
    """None of a catalogue that cannot be read: what is wrong with it is said when a stack is brought up."""
    try:
        return [entry.name for entry in runpy.run_path(str(root / "services.py"))["CATALOGUE"]]
    except (OSError, RunError, SyntaxError, KeyError):
        return []
