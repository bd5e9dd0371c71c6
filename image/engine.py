"""Checks that the Docker provider will find an engine that can build, before any resource is registered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from config.problems import UserError

SIMULATED = "MARGINALIA_SIMULATED"
"""The environment variable that the simulator sets: it simulates Docker, too."""
TIMEOUT = 10
"""Seconds for an engine to respond."""
FIRST_WITH_CONTAINERD_STORE = (27, 5)
"""The first engine whose containerd image store can build from an archive, which is what pulumi-docker sends.
https://github.com/moby/moby/pull/49194, https://github.com/pulumi/pulumi-docker/issues/967"""
CONTAINERD_STORE = ["driver-type", "io.containerd.snapshotter.v1"]
"""In an engine's DriverStatus: https://docs.docker.com/engine/storage/containerd/"""


def require(*, needed: bool) -> None:
    """Raises UserError if the stack builds images and pulumi-docker would find no engine, or one that cannot build.

    The provider checks the first itself, but only after other resources were created. Without the docker CLI, which
    asks the engines here, the check is left to it.
    """
    if not needed or SIMULATED in os.environ or not (docker := shutil.which("docker")):
        return
    answers: dict[str, dict[str, Any]] = {}
    for host in _hosts():
        answers[host] = info = _answer(docker, "--host", host)
        if info.get("ServerVersion"):
            _check_store(info)
            return
    raise UserError(f"docker: {_reason(docker, answers)} A stack with `images` instead of `build` needs no engine.")


def _hosts() -> list[str]:
    """The addresses that pulumi-docker tries, in its order, on Linux and macOS. It follows no docker context.

    https://github.com/pulumi/pulumi-docker/blob/v5.1.0/provider/image.go (configureDockerClient)
    """
    if host := os.environ.get("DOCKER_HOST"):
        return [host]
    own = Path.home() / ".docker"
    return ["unix:///var/run/docker.sock", f"unix://{own}/run/docker.sock", f"unix://{own}/desktop/docker.sock"]


def _reason(docker: str, answers: Mapping[str, dict[str, Any]]) -> str:
    """What is wrong if no engine responds to the provider, and what to do. `answers` has docker's by address.

    The address in DOCKER_HOST may have credentials and is not shown; that of a context has none.
    """
    if forbidden := next((host for host, each in answers.items() if "permission denied" in _errors(each)), None):
        where = "DOCKER_HOST" if os.environ.get("DOCKER_HOST") else forbidden.removeprefix("unix://")
        return f"permission denied at {where}. Join the group that owns it, docker as a rule, and log in again."
    if os.environ.get("DOCKER_HOST"):
        return "no engine responds at DOCKER_HOST, and this stack builds its images. Start it, or correct DOCKER_HOST."
    host = _output(docker, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    if host and _answer(docker).get("ServerVersion"):
        return (
            "an engine responds in the docker CLI's context, but the Docker provider follows no context."
            f" Run `export DOCKER_HOST={host}` and try again."
        )
    return "no engine responds, and this stack builds its images. Start Docker, or set DOCKER_HOST."


def _check_store(info: dict[str, Any]) -> None:
    version = re.match(r"(\d+)\.(\d+)", info["ServerVersion"])
    if (
        version
        and tuple(map(int, version.groups())) < FIRST_WITH_CONTAINERD_STORE
        and CONTAINERD_STORE in (info.get("DriverStatus") or [])
    ):
        raise UserError(
            f"docker: engine {info['ServerVersion']} with the containerd image store cannot build for the Docker"
            " provider. Install Docker 27.5 or later, or put"
            ' `"features": {"containerd-snapshotter": false}` into the engine\'s daemon.json and restart it.'
        )


def _errors(answer: Mapping[str, Any]) -> str:
    """Why no engine responds."""
    return " ".join(map(str, answer.get("ServerErrors") or [])).lower()


def _answer(docker: str, *options: str) -> dict[str, Any]:
    """The engine's answer to /info. Without an engine it has no ServerVersion; some CLIs then exit with code 0."""
    try:
        answer: object = json.loads(_output(docker, *options, "info", "--format", "{{json .}}"))
    except ValueError:
        return {}
    return cast(dict[str, Any], answer) if isinstance(answer, dict) else {}


def _output(docker: str, *arguments: str) -> str:
    """What docker prints; empty if it takes longer than TIMEOUT seconds."""
    try:
        command = [docker, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):  # also a docker that cannot be run
        return ""
