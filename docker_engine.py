"""Whether a Docker engine can be reached: asked before anything is declared, and told in one message."""

from __future__ import annotations

import os
import shutil
import subprocess

from pulumi import RunError

SIMULATED = "MARGINALIA_SIMULATED"
"""Set where a simulator stands in for Docker."""
PATIENCE = 10
"""Seconds for the engine to answer."""


def require() -> None:
    """Raises RunError when images are to be built and no engine answers.

    pulumi-docker asks as well, in each preview, update and destroy, but after other resources were made and in words of
    its own. The docker CLI is asked because it knows of contexts; where there is none, the provider has to find out.
    """
    if SIMULATED in os.environ or not (docker := shutil.which("docker")):
        return
    try:
        asked = [docker, "version", "--format", "{{.Server.Version}}"]
        answer = subprocess.run(asked, capture_output=True, timeout=PATIENCE, check=False)
        reached = answer.returncode == 0
    except subprocess.TimeoutExpired:
        reached = False
    if not reached:
        where = "at DOCKER_HOST" if "DOCKER_HOST" in os.environ else "in the docker CLI's context"
        raise RunError(
            f"This stack builds its images, and no Docker engine answers {where}. Start Docker, or set DOCKER_HOST to"
            " an engine that runs. A stack whose file says `images` in place of `build` needs none."
        )
