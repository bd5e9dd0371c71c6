"""A real Docker engine and registry, and builds with the very arguments that the Image component registers."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from image import provider
from image.bases import REPLACED
from image.provider import BUILDKIT
from services import CATALOGUE
from tests.declared import ROOT, Declared, declare_program


def docker(*arguments: str | Path, check: bool = True, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Runs docker with BuildKit, and its progress as plain text."""
    environment = {**os.environ, **BUILDKIT}
    run = subprocess.run(["docker", *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert not check or run.returncode == 0, run.stderr
    return run


@pytest.fixture(scope="session", autouse=True)
def _engine() -> None:
    """These tests are for a real engine: without one they fail, all of them, at once."""
    try:
        reached = docker("version", "--format", "{{.Server.Version}}", check=False)
    except FileNotFoundError:
        pytest.exit(
            "make test-image needs the docker CLI and a Docker engine; there is no docker on PATH", returncode=1
        )
    if reached.returncode:
        where = os.environ.get("DOCKER_HOST", "the docker CLI's context")
        pytest.exit(f"make test-image needs a Docker engine; none answers at {where}", returncode=1)


@pytest.fixture(scope="session")
def registry() -> str:
    """The address of a registry to push to, over plain HTTP."""
    address = os.environ.get("TEST_REGISTRY")
    if not address:
        pytest.exit("make test-image needs TEST_REGISTRY=host:port, a registry to push to", returncode=1)
    return address


@dataclass(frozen=True)
class Builds:
    """The builds of a stack, as its program declares them."""

    declared: Declared
    sources: Path

    def inputs(self, service: str) -> dict[str, Any]:
        return self.declared.one("docker:index/image:Image", f"{service}-image-build").inputs

    def arguments(self, service: str, *more: str) -> list[str]:
        """What `docker build` is told; the context is in place of the one that a checkout would have."""
        build = self.inputs(service)["build"]
        told = ("--file", build["dockerfile"], "--platform", build["platform"])
        return [*told, *REPLACED, *more, str(self.context(service))]

    def context(self, service: str) -> Path:
        return self.sources / f"mrgnl-{service}"

    def image(self, service: str, *more: str) -> str:
        """The id of the built image."""
        return docker("build", "--quiet", *self.arguments(service, *more)).stdout.strip()

    def image_by_the_provider(self, service: str) -> str:
        """The id of the image, built from what pulumi-docker sends."""
        build = self.inputs(service)["build"]
        return provider.build(self.context(service), ROOT / build["dockerfile"], "--platform", build["platform"])


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return copies(tmp_path, "x86-64")


def copies(folder: Path, architecture: str) -> Builds:
    """Five copies of the sample as the services' sources."""
    for name in CATALOGUE.names:
        shutil.copytree(ROOT / "image" / "sample", folder / f"mrgnl-{name}")
    return Builds(declare_program(architecture=architecture), folder)
