"""`make local` and `make local-down`: runs Marginalia on this machine, with Docker Compose."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from config import catalogue
from config.job import LOGINS
from config.load import LOGINS_CONTEXT
from config.problems import UserError
from image.bases import BASE_BUILD_ARGS

ROOT = Path(__file__).parent.parent
COMPOSE_VERSION = (2, 23, 1)
"""The first version with `content` of `configs`: https://docs.docker.com/reference/compose-file/configs/"""
TIMEOUT = 10
"""Seconds for docker to respond."""
COMPOSE = ("--file", "image/compose.yaml", "--project-directory", ".")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make local", description=__doc__)
    parser.add_argument("command", choices=("up", "down"))
    parser.add_argument(
        "--source",
        default="image/sample",
        help="folder to build; {service} is replaced by the name of each service (default: image/sample)",
    )
    options = parser.parse_args(arguments)
    try:
        services = catalogue.load(ROOT)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    sources = {entry.name: options.source.replace("{service}", entry.name) for entry in services}
    missing = [f"{folder} ({name})" for name, folder in sources.items() if not (ROOT / folder).is_dir()]
    problems = [f"SOURCE is {options.source!r}: no such folder {', '.join(missing)}."] if missing else []
    starts = options.command == "up"
    if problems := [*(problems if starts else []), *docker_problems(builds=starts)]:
        print("\n".join(problems), file=sys.stderr)
        return 1
    if any(each.database for each in services.declared.values()):
        sources[LOGINS.name] = LOGINS_CONTEXT
    return _up(sources) if starts else _compose("--profile", "jobs", "down", "--volumes", "--remove-orphans")


def docker_problems(*, builds: bool) -> Iterator[str]:
    """One line for each part of Docker that is missing, with the way to get it. `builds` requires buildx, too."""
    if not shutil.which("docker"):
        yield "docker is not on PATH. Install it: https://docs.docker.com/get-started/get-docker/"
        return
    if _output("version", "--format", "{{.Server.Version}}") is None:
        where = os.environ.get("DOCKER_HOST") or "the docker CLI's context"
        yield f"docker: no engine responds at {where}. Start Docker, or set DOCKER_HOST to an engine."
    version = _output("compose", "version", "--short") or ""
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if not match or tuple(map(int, match.groups())) < COMPOSE_VERSION:
        least, found = ".".join(map(str, COMPOSE_VERSION)), f"found {version}" if version else "not installed"
        yield f"docker compose {least} or later: {found}. Install it: https://docs.docker.com/compose/install/"
    if builds and _output("buildx", "version") is None:
        yield "docker buildx: not installed. Install it: https://github.com/docker/buildx#installing"


def _output(*command: str) -> str | None:
    """What docker prints; None if the command fails, or takes longer than TIMEOUT seconds."""
    try:
        done = subprocess.run(
            ["docker", *command], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _up(sources: Mapping[str, str]) -> int:
    """Builds sequentially, because parallel cold builds compete for the CPU; then starts the services."""
    for name, folder in sources.items():
        print(f"Building {name} in {folder}", flush=True)
        build = ["docker", "build", "--quiet", *BASE_BUILD_ARGS, "--file", "image/Dockerfile"]
        build += ["--tag", f"mrgnl-{name}:local", folder]
        if code := subprocess.run(build, cwd=ROOT, env={**os.environ, "DOCKER_BUILDKIT": "1"}, check=False).returncode:
            return code
    code = _compose("up", "--no-build", "--detach", "--wait")
    if code:
        print(
            f"`docker compose {' '.join(COMPOSE)} logs` shows why. `make local-down` deletes the data, too.",
            file=sys.stderr,
        )
    return code


def _compose(*command: str) -> int:
    environment = {**os.environ, "PWD": str(ROOT)}
    return subprocess.run(["docker", "compose", *COMPOSE, *command], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
