"""Runs a command for a workflow's script. Uses the standard library only, as some scripts run before packages exist."""

from __future__ import annotations

import subprocess


class CommandError(Exception):
    """A command failed. The message has its output."""


def run(*command: str) -> str:
    """The command's output. Raises CommandError."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{' '.join(command[:3])}: {(done.stderr + done.stdout).strip()}")
    return done.stdout
