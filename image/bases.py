"""`make pin-bases`: pins the base images of image/Dockerfile to the current digests of their tags.

A digest is that of the tag's image index, so it is valid for every platform. It is determined by pulling the tag, which
any Docker engine supports. If a pull fails, the file stays unchanged.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

DOCKERFILE = Path(__file__).parent / "Dockerfile"
BASE_BUILD_ARGS = ("--build-arg", "GO_IMAGE", "--build-arg", "BASE_IMAGE")
"""Options for every `docker build`. A build argument without a value takes that of the environment, if it is set.
https://docs.docker.com/reference/cli/docker/buildx/build/#build-arg"""
_BASE = re.compile(r"^(ARG \w+_IMAGE=)([^\s@]+)(@sha256:[0-9a-f]{64})?$", re.MULTILINE)


def pinned(dockerfile: str, digest_of: Callable[[str], str]) -> str:
    """The Dockerfile with the digest of each base image after its tag, instead of an older digest."""
    return _BASE.sub(lambda base: f"{base[1]}{base[2]}@{digest_of(base[2])}", dockerfile)


def digest(image: str) -> str:
    """The digest of the image's tag in its registry. Raises CalledProcessError; docker prints the reason."""
    pulled = subprocess.run(["docker", "pull", image], stdout=subprocess.PIPE, text=True, check=True)
    [found] = re.findall(r"^Digest: (sha256:[0-9a-f]{64})$", pulled.stdout, re.MULTILINE)
    return found


def main() -> int:
    argparse.ArgumentParser(prog="make pin-bases", description=__doc__).parse_args()
    before = DOCKERFILE.read_text()
    try:
        after = pinned(before, digest)
    except FileNotFoundError:
        print("docker is not on PATH. Install it: https://docs.docker.com/get-docker/", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"image/Dockerfile: unchanged because {failed.cmd[-1]} could not be pulled.", file=sys.stderr)
        return 1
    DOCKERFILE.write_text(after)
    print("image/Dockerfile: " + ("unchanged." if after == before else "digests updated. Review them with git diff."))
    return 0


if __name__ == "__main__":
    sys.exit(main())
