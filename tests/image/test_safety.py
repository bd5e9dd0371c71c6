"""The image: one file on top of the base image, without a shell, for a non-root user and a read-only root."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from image.bases import BASE_BUILD_ARGS, DOCKERFILE
from tests.image.conftest import Builds, built, docker

MAX_SIZE = 15_000_000
"""Bytes."""
LOCKED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
"""Restrictions as on Fargate. The user is that of the image."""


@pytest.fixture(scope="module")
def image() -> str:
    return built(*BASE_BUILD_ARGS, "--file", DOCKERFILE, "image/sample")


@pytest.fixture(scope="module")
def base(image: str) -> str:
    """The base image: BASE_IMAGE of the environment, or that of the Dockerfile."""
    named = re.search(r"^ARG BASE_IMAGE=(\S+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert named
    return os.environ.get("BASE_IMAGE", named[1])


def layers(image: str, folder: Path) -> Iterator[tarfile.TarFile]:
    """Each layer of the image, including files that a later layer hides."""
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
    """The modes of the files in all layers, by path."""
    return {
        each.name.removeprefix("./"): each.mode for layer in layers(image, folder) for each in layer if not each.isdir()
    }


def test_the_image_adds_only_the_service_to_its_base(image: str, base: str, tmp_path: Path) -> None:
    assert files(image, tmp_path).keys() - files(base, tmp_path).keys() == {"service"}


def test_no_layer_has_a_shell_a_package_manager_a_libc_or_a_setuid_file(image: str, tmp_path: Path) -> None:
    modes = files(image, tmp_path)
    named = re.compile(r"(^|/)((ba|da|a)?sh|busybox|apt(-get)?|dpkg|apk|libc\.so.*|ld-(linux|musl).*)$")
    assert [path for path in modes if named.search(path)] == []
    assert [path for path, mode in modes.items() if mode & 0o6000] == []
    assert modes["service"] & 0o777 == 0o755


def test_the_user_is_65532_and_the_entrypoint_is_the_service(image: str) -> None:
    config = json.loads(docker("inspect", "--format", "{{json .Config}}", image).stdout)
    assert (config["User"], config["Entrypoint"], config.get("Cmd")) == ("65532:65532", ["/service"], None)


def test_anyone_may_write_to_the_volume_tmp(image: str, tmp_path: Path) -> None:
    assert json.loads(docker("inspect", "--format", "{{json .Config.Volumes}}", image).stdout) == {"/tmp": {}}
    modes = [each.mode for layer in layers(image, tmp_path) for each in layer if each.name.strip("./") == "tmp"]
    assert modes[-1] & 0o7777 == 0o1777


def test_history_and_environment_have_no_secret(image: str) -> None:
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", image).stdout
    environment = docker("inspect", "--format", "{{json .Config.Env}}", image).stdout
    assert re.findall(r"(?i)password|secret|token|DATABASE_URL|AWS_", history + environment) == []


def test_a_secret_among_the_sources_is_in_no_layer(builds: Builds, tmp_path: Path) -> None:
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


def test_the_image_is_smaller_than_15_mb(image: str, tmp_path: Path) -> None:
    """The files of all layers: the size that an engine reports depends on its version and its image store."""
    assert sum(each.size for layer in layers(image, tmp_path) for each in layer) <= MAX_SIZE


@pytest.fixture
def running(image: str) -> Iterator[str]:
    container = docker("run", "--detach", *LOCKED, "--env", "GRPC_PORT=9001", image).stdout.strip()
    yield container
    docker("rm", "--force", "--volumes", container)


def test_a_restricted_container_runs_as_65532_and_becomes_healthy(running: str) -> None:
    exit_codes = (docker("exec", running, "/service", "-healthcheck", check=False).returncode for _ in range(50))
    assert 0 in exit_codes
    [[_, *process]] = [
        line.split() for line in docker("top", running, "-eo", "pid,uid,gid,args").stdout.splitlines()[1:]
    ]
    assert process == ["65532", "65532", "/service"]


def test_the_container_exits_with_0_on_docker_stop(running: str) -> None:
    docker("stop", running)
    assert docker("inspect", "--format", "{{.State.ExitCode}}", running).stdout.strip() == "0"
