"""Previews an update: the engine's preview, and whether the update would succeed."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from simulator.engine import Result, Simulator

UPDATE_FAILED = "update failed"
"""The engine's last error, which follows the cause."""


def preview(simulator: Simulator, stack: str) -> Result:
    """The engine's preview, with the errors of the update.

    The engine previews a create without asking the cloud, and most values are unknown then. So the update also runs in
    a temporary copy of the simulated cloud: a preview succeeds exactly if the update that follows succeeds. The
    simulator's policy pack runs in the copy. Raises UserError as an update does.
    """
    planned = replace(simulator, policy=None).run("preview", stack)
    if not planned.succeeded:
        return planned
    with tempfile.TemporaryDirectory(prefix="mrgnl-preview-") as folder:
        home = simulator.home.copy_to(Path(folder) / "home")
        tried = replace(simulator, home=home, checkpoints=False, report=_nothing, on_step=None, color=False).run(
            "up", stack
        )
    return replace(planned, succeeded=tried.succeeded, errors=tried.errors, messages=tried.messages)


def _nothing(_: str) -> None:
    """Discards the engine's progress."""
