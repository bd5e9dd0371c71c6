"""Builds an image as pulumi-docker does, for the image's tests and its benchmark.

The provider sends an archive of the context with an ignore file and the Dockerfile, under a new random name each time.
BuildKit unpacks the whole archive, so `COPY . .` copies these files, too, and misses the layer cache. `docker build
FOLDER` does not.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path
from typing import IO, cast

from docker.utils import tar

from image.bases import BASE_BUILD_ARGS

BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain"}


class BuildError(Exception):
    """The build failed. The message is the output of the builder."""


def build(context: Path, dockerfile: Path, *options: str) -> str:
    """Builds an image and returns its id. Raises BuildError."""
    name = f".dockerfile.{secrets.token_hex(10)}"
    with archive(context, dockerfile, name) as sent:
        command = ["docker", "build", "--quiet", "--file", name, *BASE_BUILD_ARGS, *options, "-"]
        environment = {**os.environ, **BUILDKIT}
        built = subprocess.run(command, stdin=sent, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        raise BuildError(built.stderr)
    return built.stdout.strip()


def archive(context: Path, dockerfile: Path, name: str) -> IO[bytes]:
    """The archive as sent: the filtered context, the ignore file, and the Dockerfile under this name."""
    # Compressed: the docker CLI detects an uncompressed archive by its first entry only, and not in every case.
    sent = tar(context, exclude=_ignored(dockerfile), dockerfile=(name, dockerfile.read_text()), gzip=True)
    return cast(IO[bytes], sent)


def _ignored(dockerfile: Path) -> list[str]:
    """The patterns of the Dockerfile's ignore file."""
    file = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in (line.strip() for line in lines) if line and not line.startswith("#")]
