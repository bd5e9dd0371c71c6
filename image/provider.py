"""Builds an image as pulumi-docker does, for the image's tests and its benchmark.

It sends an archive with the Dockerfile in it, under a name of its own each time, and an ignore file. BuildKit unpacks
such an archive whole: `COPY . .` copies what was added, and no later layer is found in the cache again. `docker build
FOLDER` would hide that.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path
from typing import IO, cast

from docker.utils import tar

from image.bases import REPLACED

BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}


class BuildError(Exception):
    """The build failed. The message is all that the builder said."""


def build(context: Path, dockerfile: Path, *options: str) -> str:
    """The id of the image. Raises BuildError."""
    name = f".dockerfile.{secrets.token_hex(10)}"
    with archive(context, dockerfile, name) as sent:
        command = ["docker", "build", "--quiet", "--file", name, *REPLACED, *options, "-"]
        environment = {**os.environ, **BUILDKIT}
        built = subprocess.run(command, stdin=sent, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        raise BuildError(built.stderr)
    return built.stdout.strip()


def archive(context: Path, dockerfile: Path, name: str) -> IO[bytes]:
    """What is sent: the context after the ignore file, that file again, and the Dockerfile under this name."""
    # Zipped, as the docker CLI does not know a plain archive by every first entry.
    sent = tar(context, exclude=_ignored(dockerfile), dockerfile=(name, dockerfile.read_text()), gzip=True)
    return cast(IO[bytes], sent)


def _ignored(dockerfile: Path) -> list[str]:
    """The patterns of the Dockerfile's own ignore file."""
    file = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in (line.strip() for line in lines) if line and not line.startswith("#")]
