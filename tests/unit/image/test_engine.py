from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import RunError

from image import engine as docker_engine


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the only docker on PATH, a script that the test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv(docker_engine.SIMULATED, raising=False)
    return tmp_path / "docker"


def script(docker: Path, body: str) -> None:
    docker.write_text(f"#!/bin/sh\n{body}\n")
    docker.chmod(0o755)


def test_an_engine_that_responds_is_accepted(docker: Path) -> None:
    script(docker, "echo 20.10.5")
    docker_engine.require(needed=True)


def test_a_missing_engine_is_an_error_with_the_remedies(docker: Path) -> None:
    script(docker, "exit 1")
    with pytest.raises(RunError) as rejected:
        docker_engine.require(needed=True)
    assert str(rejected.value) == (
        "docker: no engine responds in the docker CLI's context, and this stack builds its images. Start Docker or set"
        " DOCKER_HOST. A stack with `images` instead of `build` needs no engine."
    )


def test_an_unreachable_address_is_not_shown(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address may have credentials."""
    script(docker, "exit 1")
    monkeypatch.setenv("DOCKER_HOST", "ssh://somebody:password@example.invalid")
    with pytest.raises(RunError, match="no engine responds at DOCKER_HOST") as rejected:
        docker_engine.require(needed=True)
    assert "somebody" not in str(rejected.value)


def test_an_engine_that_does_not_respond_in_time_is_an_error(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(docker, "read forever < /dev/zero")
    monkeypatch.setattr(docker_engine, "TIMEOUT", 0)
    with pytest.raises(RunError):
        docker_engine.require(needed=True)


def test_without_the_docker_cli_the_check_is_left_to_the_provider(docker: Path) -> None:
    assert not docker.exists()
    docker_engine.require(needed=True)


def test_the_simulator_needs_no_engine(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(docker, "exit 1")
    monkeypatch.setenv(docker_engine.SIMULATED, "1")
    docker_engine.require(needed=True)


def test_a_stack_that_builds_nothing_needs_no_engine(docker: Path) -> None:
    script(docker, "exit 1")
    docker_engine.require(needed=False)
