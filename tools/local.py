"""`make local` and `make local-down`: runs Marginalia on this machine, with Docker Compose."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config import catalogue
from image.bases import BASE_BUILD_ARGS

ROOT = Path(__file__).parent.parent
COMPOSE = ("--file", "image/compose.yaml", "--project-directory", ".")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make local", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument(
        "--source",
        default="image/sample",
        help="folder to build; {service} is replaced by the name of each service (default: image/sample)",
    )
    options = parser.parse_args()
    sources = {entry.name: options.source.replace("{service}", entry.name) for entry in catalogue.load(ROOT)}
    if missing := [f"{folder} ({name})" for name, folder in sources.items() if not (ROOT / folder).is_dir()]:
        print(f"SOURCE is {options.source!r}: no such folder {', '.join(missing)}.", file=sys.stderr)
        return 1
    try:
        return _up(sources) if options.command == "up" else _compose("down", "--volumes")
    except FileNotFoundError:
        print("docker is not on PATH. Install it: https://docs.docker.com/get-docker/", file=sys.stderr)
        return 1


def _up(sources: Mapping[str, str]) -> int:
    """Builds sequentially, because parallel cold builds compete for the CPU; then starts the services."""
    for name, folder in sources.items():
        print(f"Building {name} in {folder}", flush=True)
        build = ["docker", "build", "--quiet", *BASE_BUILD_ARGS, "--file", "image/Dockerfile"]
        build += ["--tag", f"mrgnl-{name}:local", folder]
        if code := subprocess.run(build, cwd=ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"}, check=False).returncode:
            return code
    return _compose("up", "--no-build", "--detach", "--wait")


def _compose(*command: str) -> int:
    environment = {**os.environ, "PWD": str(ROOT)}
    return subprocess.run(["docker", "compose", *COMPOSE, *command], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
