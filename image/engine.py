"""Checks that a Docker engine is available, before any resource is registered."""

from __future__ import annotations

import os
import shutil
import subprocess

from config.problems import UserError

SIMULATED = "MARGINALIA_SIMULATED"
"""The environment variable that the simulator sets: it simulates Docker, too."""
TIMEOUT = 10
"""Seconds for the engine to respond."""


def require(*, needed: bool) -> None:
    """Raises UserError if the stack builds images and no Docker engine responds.

    pulumi-docker checks this itself, but only after other resources were created. This check runs `docker version`,
    which supports docker contexts; without the docker CLI it is left to the provider.
    """
    if not needed or SIMULATED in os.environ or not (docker := shutil.which("docker")):
        return
    try:
        command = [docker, "version", "--format", "{{.Server.Version}}"]
        result = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
        available = result.returncode == 0
    except subprocess.TimeoutExpired:
        available = False
    if not available:
        where = "at DOCKER_HOST" if "DOCKER_HOST" in os.environ else "in the docker CLI's context"
        raise UserError(
            f"docker: no engine responds {where}, and this stack builds its images. Start Docker or set DOCKER_HOST."
            " A stack with `images` instead of `build` needs no engine."
        )
