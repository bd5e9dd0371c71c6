"""The base images of image/Dockerfile: pinned anew by `make pin-bases`, and replaced where they cannot be pulled.

A digest is that of the tag's index, so it holds for every platform. It is learnt by pulling the tag, which any Docker
engine can. When a registry does not answer, nothing is written.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

DOCKERFILE = Path(__file__).parent / "Dockerfile"
REPLACED = ("--build-arg", "GO_IMAGE", "--build-arg", "BASE_IMAGE")
"""For every `docker build`: named without a value, the environment's is taken where there is one."""
_BASE = re.compile(r"^(ARG \w+_IMAGE=)([^\s@]+)(@sha256:[0-9a-f]{64})?$", re.MULTILINE)


def pinned(dockerfile: str, digest_of: Callable[[str], str]) -> str:
    """The Dockerfile with each base image's tag followed by its digest, in place of an older one."""
    return _BASE.sub(lambda base: f"{base[1]}{base[2]}@{digest_of(base[2])}", dockerfile)


def digest(image: str) -> str:
    """What the image's registry says that its tag means. Raises CalledProcessError, after docker said why."""
    pulled = subprocess.run(["docker", "pull", image], stdout=subprocess.PIPE, text=True, check=True)
    [found] = re.findall(r"^Digest: (sha256:[0-9a-f]{64})$", pulled.stdout, re.MULTILINE)
    return found


def main() -> int:
    argparse.ArgumentParser(prog="make pin-bases", description=__doc__).parse_args()
    before = DOCKERFILE.read_text()
    try:
        after = pinned(before, digest)
    except FileNotFoundError:
        print("There is no docker on PATH: https://docs.docker.com/get-docker/", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        print(f"image/Dockerfile is unchanged: {failed.cmd[-1]} could not be pulled", file=sys.stderr)
        return 1
    DOCKERFILE.write_text(after)
    print("image/Dockerfile: " + ("nothing has changed" if after == before else "pinned anew; git diff shows it"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
