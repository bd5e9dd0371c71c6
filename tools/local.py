"""`make local`, `make local-down`: Marginalia on this machine, in containers."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from image.bases import REPLACED
from services import CATALOGUE

ROOT = Path(__file__).parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="make local", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument(
        "--source",
        default="image/sample",
        help="the folder to build; {service} stands for each service's name (default: the sample, image/sample)",
    )
    options = parser.parse_args()
    sources = {entry.name: options.source.replace("{service}", entry.name) for entry in CATALOGUE}
    if missing := [
        f"{folder} (to build {name} in)" for name, folder in sources.items() if not (ROOT / folder).is_dir()
    ]:
        print(f"SOURCE is {options.source!r}: no such folder: {', '.join(missing)}", file=sys.stderr)
        return 1
    try:
        return _up(sources) if options.command == "up" else _compose("down", "--volumes")
    except FileNotFoundError:
        print("There is no docker on PATH: https://docs.docker.com/get-docker/", file=sys.stderr)
        return 1


def _up(sources: Mapping[str, str]) -> int:
    """Builds one after the other, as cold builds side by side starve each other; then starts, and waits for health."""
    for name, folder in sources.items():
        print(f"Building {name} in {folder}", flush=True)
        build = ["docker", "build", "--quiet", *REPLACED, "--file", "image/Dockerfile"]
        build += ["--tag", f"mrgnl-{name}:local", folder]
        if code := subprocess.run(build, cwd=ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"}, check=False).returncode:
            return code
    return _compose("up", "--no-build", "--detach", "--wait")


def _compose(*command: str) -> int:
    environment = {**os.environ, "PWD": str(ROOT)}
    return subprocess.run(["docker", "compose", *command], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
