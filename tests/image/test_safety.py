"""What runs: one file over the base, without a shell, as nobody, on a read-only root."""

from __future__ import annotations

import gzip
import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.declared import ROOT
from tests.image.conftest import BASES, Builds, docker

LARGEST = 15_000_000
"""Bytes that a service's image may have."""
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "65532")
"""How a task runs on Fargate, as far as an engine can say it."""


@pytest.fixture(scope="module")
def image() -> str:
    return docker("build", "--quiet", "--file", "image/Dockerfile", *BASES, "image/sample").stdout.strip()


@pytest.fixture(scope="module")
def base(image: str) -> str:
    """The image below: BASE_IMAGE of the environment, or what the Dockerfile names."""
    named = re.search(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "image" / "Dockerfile").read_text(), re.MULTILINE)
    assert named
    return os.environ.get("BASE_IMAGE") or named[1]


def files(image: str, folder: Path) -> dict[str, int]:
    """The paths in the image, with their modes."""
    container = docker("create", "--entrypoint", "/none", image).stdout.strip()
    archive = folder / f"{container[:12]}.tar"
    docker("export", "--output", archive, container)
    docker("rm", container)
    with tarfile.open(archive) as content:
        # What the engine itself puts into every container.
        own = re.compile(r"^(dev|proc|sys|etc/(hostname|hosts|resolv\.conf|mtab)|\.dockerenv)(/|$)")
        return {each.name: each.mode for each in content if not each.isdir() and not own.match(each.name)}


def test_it_holds_the_service_and_nothing_else_over_the_base(image: str, base: str, tmp_path: Path) -> None:
    assert files(image, tmp_path).keys() - files(base, tmp_path).keys() == {"service"}


def test_it_has_no_shell_no_package_manager_and_no_libc(image: str, tmp_path: Path) -> None:
    """Nor anything else to execute: /service is the one file that can be, and can make nobody another."""
    modes = files(image, tmp_path)
    named = re.compile(r"(^|/)((ba|da|a)?sh|busybox|apt(-get)?|dpkg|apk|libc\.so.*|ld-(linux|musl).*)$")
    assert [path for path in modes if named.search(path)] == []
    assert [path for path, mode in modes.items() if mode & 0o6000] == []
    assert modes["service"] & 0o777 == 0o755


def test_it_runs_as_65532_and_is_its_own_entrypoint(image: str) -> None:
    config = json.loads(docker("inspect", "--format", "{{json .Config}}", image).stdout)
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("65532:65532", ["/service"], None)


def test_no_secret_is_in_its_history_and_none_in_its_environment(image: str) -> None:
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image).stdout
    environment = docker("inspect", "--format", "{{json .Config.Env}}", image).stdout
    assert re.findall(r"(?i)password|secret|token|DATABASE_URL|AWS_", history + environment) == []


def test_a_secret_beside_the_source_is_in_no_layer(builds: Builds, tmp_path: Path) -> None:
    canary = b"hunter2-of-the-canary"
    for name in (".env", "cmd/server/.env.production", "internal/signing.key"):
        (builds.context("authsvc") / name).write_bytes(canary)
    saved = tmp_path / "saved.tar"
    docker("save", "--output", saved, builds.image_by_the_provider("authsvc"))
    with tarfile.open(saved) as content:
        parts = [part.read() for each in content if (part := content.extractfile(each))]
    unpacked = [gzip.decompress(part) if part.startswith(b"\x1f\x8b") else part for part in parts]
    assert any(b"/service" in part for part in unpacked)  # the layers are among them
    assert not any(canary in part for part in unpacked)


def test_it_is_small(image: str) -> None:
    assert int(docker("inspect", "--format", "{{.Size}}", image).stdout) <= LARGEST


@pytest.fixture
def running(image: str) -> Iterator[str]:
    container = docker("run", "--detach", *LOCKED, "--env", "GRPC_PORT=9001", image).stdout.strip()
    yield container
    docker("rm", "--force", container)


def test_locked_down_it_serves_and_answers_its_own_probe(running: str) -> None:
    asked = (docker("exec", running, "/service", "-healthcheck", check=False).returncode for _ in range(50))
    assert 0 in asked


def test_it_stops_by_itself_when_it_is_told_to(running: str) -> None:
    docker("stop", running)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", running).stdout.strip() == "0"
