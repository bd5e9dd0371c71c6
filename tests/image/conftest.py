"""A Docker engine and a registry, and builds with the arguments that the Image component registers."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ecs import types
from image import build as provider
from image.bases import BASE_BUILD_ARGS
from image.build import BUILDKIT
from tests.declared import CATALOGUE, ROOT, Declared, declare_program


def docker(*arguments: str | Path, check: bool = True, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs docker with BuildKit and plain progress output."""
    environment = {**os.environ, **BUILDKIT}
    run = subprocess.run(["docker", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert not check or run.returncode == 0, run.stderr
    return run


def built(*arguments: str | Path) -> str:
    """The id of the image that `docker build` builds."""
    docker("build", "--quiet", "--tag", "mrgnl-build:test", *arguments)
    return provider.image_id("mrgnl-build:test")


@pytest.fixture(scope="session", autouse=True)
def _engine() -> None:
    """Stops all tests if there is no Docker engine."""
    try:
        version = docker("version", "--format", "{{.Server.Version}}", check=False)
    except FileNotFoundError:
        pytest.exit("make test-image: docker is not on PATH. Install the docker CLI and a Docker engine.", returncode=1)
    if version.returncode:
        where = os.environ.get("DOCKER_HOST", "the docker CLI's context")
        pytest.exit(f"make test-image: no Docker engine responds at {where}. Start one.", returncode=1)


@pytest.fixture(scope="session")
def registry() -> str:
    """The address of a registry that accepts pushes over plain HTTP."""
    address = os.environ.get("TEST_REGISTRY")
    if not address:
        pytest.exit(
            "make test-image: TEST_REGISTRY is not set. Set it to the host:port of a registry to push to.", returncode=1
        )
    return address


@dataclass(frozen=True)
class Builds:
    """The builds of a stack, as the program registers them."""

    declared: Declared
    sources: Path

    def inputs(self, service: str) -> dict[str, Any]:
        return self.declared.one(types.DOCKER_IMAGE, f"{service}-image-build").inputs

    def arguments(self, service: str, *more: str) -> list[str]:
        """The arguments of `docker build`, with the test's build context."""
        build = self.inputs(service)["build"]
        options = ("--file", build["dockerfile"], "--platform", build["platform"])
        return [*options, *BASE_BUILD_ARGS, *more, str(self.context(service))]

    def context(self, service: str) -> Path:
        return self.sources / f"mrgnl-{service}"

    def image(self, service: str, *more: str) -> str:
        """The id of the built image."""
        return built(*self.arguments(service, *more))

    def image_by_the_provider(self, service: str) -> str:
        """The id of the image, built from the archive that pulumi-docker sends."""
        build = self.inputs(service)["build"]
        return provider.build(self.context(service), ROOT / build["dockerfile"], "--platform", build["platform"])


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return copies(tmp_path, "x86-64")


def copies(folder: Path, architecture: str) -> Builds:
    """A copy of the sample for each service."""
    for name in CATALOGUE.names:
        shutil.copytree(ROOT / "image" / "sample", folder / f"mrgnl-{name}")
    return Builds(declare_program(architecture=architecture), folder)
