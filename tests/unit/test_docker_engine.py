from __future__ import annotations

from pathlib import Path

import pytest
from pulumi import RunError

import docker_engine


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one docker on PATH: a script, which a test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv(docker_engine.SIMULATED, raising=False)
    return tmp_path / "docker"


def script(docker: Path, body: str) -> None:
    docker.write_text(f"#!/bin/sh\n{body}\n")
    docker.chmod(0o755)


def test_an_engine_that_answers_is_enough(docker: Path) -> None:
    script(docker, "echo 20.10.5")
    docker_engine.require()


def test_no_engine_is_one_message_with_the_ways_out(docker: Path) -> None:
    script(docker, "exit 1")
    with pytest.raises(RunError) as refused:
        docker_engine.require()
    assert str(refused.value) == (
        "This stack builds its images, and no Docker engine answers in the docker CLI's context. Start Docker, or set"
        " DOCKER_HOST to an engine that runs. A stack whose file says `images` in place of `build` needs none."
    )


def test_an_address_that_does_not_answer_is_named_by_its_variable_alone(
    docker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address may hold a user and more."""
    script(docker, "exit 1")
    monkeypatch.setenv("DOCKER_HOST", "ssh://somebody:password@example.invalid")
    with pytest.raises(RunError, match="no Docker engine answers at DOCKER_HOST") as refused:
        docker_engine.require()
    assert "somebody" not in str(refused.value)


def test_an_engine_that_never_answers_is_none(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(docker, "read forever < /dev/zero")
    monkeypatch.setattr(docker_engine, "PATIENCE", 0)
    with pytest.raises(RunError):
        docker_engine.require()


def test_without_the_docker_cli_the_provider_has_to_find_out(docker: Path) -> None:
    assert not docker.exists()
    docker_engine.require()


def test_in_the_simulator_no_engine_is_needed(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(docker, "exit 1")
    monkeypatch.setenv(docker_engine.SIMULATED, "1")
    docker_engine.require()
