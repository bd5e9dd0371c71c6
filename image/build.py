"""Builds an image as pulumi-docker does, for the image's tests and its benchmark.

The provider sends an archive of the context with an ignore file and the Dockerfile, under a new random name each time.
BuildKit unpacks the whole archive, so `COPY . .` copies these files, too, and misses the layer cache. `docker build
FOLDER` does not.
"""

from __future__ import annotations

import io
import os
import secrets
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO

from image import dockerignore
from image.bases import BASE_BUILD_ARGS

BUILDKIT = {"DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", "BUILDX_NO_DEFAULT_ATTESTATIONS": "1"}
"""The environment of a build. The provider's images have no attestations either; in the containerd image store, the
default of Docker 29, an attestation would change the id of an image with every build.
https://docs.docker.com/build/building/variables/#buildx_no_default_attestations"""


class BuildError(Exception):
    """The build failed. The message is the output of the builder."""


def build(context: Path, dockerfile: Path, *options: str) -> str:
    """Builds an image, tags it with the name of its context and returns its id. Raises BuildError."""
    tag = f"mrgnl-build:{context.name}"
    name = f".dockerfile.{secrets.token_hex(10)}"
    with archive(context, dockerfile, name) as sent:
        command = ["docker", "build", "--quiet", "--tag", tag, "--file", name, *BASE_BUILD_ARGS, *options, "-"]
        environment = {**os.environ, **BUILDKIT}
        built = subprocess.run(command, stdin=sent, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        raise BuildError(built.stderr)
    return image_id(tag)


def image_id(tag: str) -> str:
    """The id of a tagged image in the engine. Raises CalledProcessError.

    With the containerd image store it is the digest of the manifest. `docker build --quiet` prints that of the image's
    configuration, which names no image there.
    """
    command = ["docker", "inspect", "--format", "{{.Id}}", tag]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def archive(context: Path, dockerfile: Path, name: str) -> IO[bytes]:
    """The archive as sent: the filtered context, the ignore file, and the Dockerfile under this name."""
    ignore_file = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    patterns = dockerignore.read(ignore_file) if ignore_file.exists() else []
    ignored = ignore_file.read_bytes() if ignore_file.exists() else b""
    sent = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    # Compressed: the docker CLI detects an uncompressed archive by its first entry only, and not in every case.
    with tarfile.open(mode="w:gz", fileobj=sent) as archive:
        for path, entry in sorted(dockerignore.files(context, patterns)):
            archive.add(entry.path, arcname=path, recursive=False)
        for path, content in ((".dockerignore", ignored + f"\n{name}".encode()), (name, dockerfile.read_bytes())):
            added = tarfile.TarInfo(path)
            added.size = len(content)
            archive.addfile(added, io.BytesIO(content))
    sent.seek(0)
    return sent
