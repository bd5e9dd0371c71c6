"""What runs: one file over the base, without a shell, as nobody, on a read-only root."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.bases import DOCKERFILE, REPLACED
from tests.image.conftest import Builds, docker

LARGEST = 15_000_000
"""Bytes that a service's image may have."""
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""How a task runs on Fargate, as far as an engine can say it. The user is the image's own."""


@pytest.fixture(scope="module")
def image() -> str:
    return docker("build", "--quiet", *REPLACED, "--file", DOCKERFILE, "image/sample").stdout.strip()


@pytest.fixture(scope="module")
def base(image: str) -> str:
    """The image below: BASE_IMAGE of the environment, or what the Dockerfile names."""
    named = re.search(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert named
    return os.environ.get("BASE_IMAGE", named[1])


def layers(image: str, folder: Path) -> Iterator[tarfile.TarFile]:
    """Each layer, as a registry would get it: with what a later one hides, too."""
    saved = folder / "image.tar"
    docker("save", "--output", saved, image)
    with tarfile.open(saved) as parts:
        manifest = parts.extractfile("manifest.json")
        assert manifest
        for name in json.load(manifest)[0]["Layers"]:
            layer = parts.extractfile(name)
            assert layer
            with tarfile.open(fileobj=io.BytesIO(layer.read())) as content:
                yield content


def files(image: str, folder: Path) -> dict[str, int]:
    """The paths in all layers, with their modes."""
    return {
        each.name.removeprefix("./"): each.mode for layer in layers(image, folder) for each in layer if not each.isdir()
    }


def test_it_holds_the_service_and_nothing_else_over_the_base(image: str, base: str, tmp_path: Path) -> None:
    assert files(image, tmp_path).keys() - files(base, tmp_path).keys() == {"service"}


def test_no_layer_has_a_shell_a_package_manager_or_a_libc(image: str, tmp_path: Path) -> None:
    """Nor anything else that makes its caller another: /service is the one file that counts."""
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
    contents = {
        each.name: part.read()
        for layer in layers(builds.image_by_the_provider("authsvc"), tmp_path)
        for each in layer
        if each.isfile() and (part := layer.extractfile(each))
    }
    assert "service" in contents
    assert [name for name, content in contents.items() if canary in content] == []


def test_it_is_small(image: str) -> None:
    assert int(docker("inspect", "--format", "{{.Size}}", image).stdout) <= LARGEST


@pytest.fixture
def running(image: str) -> Iterator[str]:
    container = docker("run", "--detach", *LOCKED, "--env", "GRPC_PORT=9001", image).stdout.strip()
    yield container
    docker("rm", "--force", container)


def test_locked_down_it_serves_as_65532_and_answers_its_own_probe(running: str) -> None:
    asked = (docker("exec", running, "/service", "-healthcheck", check=False).returncode for _ in range(50))
    assert 0 in asked
    [[_, *process]] = [
        line.split() for line in docker("top", running, "-eo", "pid,uid,gid,args").stdout.splitlines()[1:]
    ]
    assert process == ["65532", "65532", "/service"]


def test_it_stops_by_itself_when_it_is_told_to(running: str) -> None:
    docker("stop", running)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", running).stdout.strip() == "0"
