"""Runs the Session Manager plugin, which connects the terminal or a local port to a session.

https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

PLUGIN = "session-manager-plugin"


def is_installed() -> bool:
    return shutil.which(PLUGIN) is not None


def connect(session: Mapping[str, Any], request: Mapping[str, Any], region: str) -> None:
    """Returns when the person ends the session. `session` is AWS's response to `request`.

    The arguments are those of the AWS CLI: awscli/customizations/sessionmanager.py of https://github.com/aws/aws-cli.
    """
    endpoint = f"https://ssm.{region}.amazonaws.com"
    arguments = [json.dumps(session), region, "StartSession", "", json.dumps(request), endpoint]
    with _signals_left_to_the_plugin():
        subprocess.run([PLUGIN, *arguments], check=False)


@contextmanager
def _signals_left_to_the_plugin() -> Generator[None]:
    """Ctrl-C is for the program in the shell, and ends a port forwarding; it must not end this process."""
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
