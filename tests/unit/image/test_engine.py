"""The engines that the check accepts and refuses, with real engines' answers to /info, reduced to what it reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pulumi import RunError

from image import engine as docker_engine

Info = Mapping[str, Any]

CONTAINERD_STORE = ["driver-type", "io.containerd.snapshotter.v1"]
CLASSIC_STORE = ["Backing Filesystem", "extfs"]


def engine(version: str, status: list[str]) -> Info:
    return {"ServerVersion": version, "DriverStatus": [status]}


ENGINE = engine("28.5.2+dfsg4", CONTAINERD_STORE)
NO_ENGINE: Info = {"ServerVersion": "", "DriverStatus": None}
"""What the docker CLI prints if no engine responds."""
SYSTEM = "unix:///var/run/docker.sock"
COLIMA = "unix:///home/somebody/.colima/default/docker.sock"


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The path of the only docker on PATH, a script that the test writes."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv(docker_engine.SIMULATED, raising=False)
    return tmp_path / "docker"


def script(docker: Path, body: str) -> None:
    docker.write_text(f"#!/bin/sh\n{body}\n")
    docker.chmod(0o755)


def engines(docker: Path, engines: Mapping[str, Info], *, in_context: Info = NO_ENGINE) -> None:
    """Engines by address, and one in the CLI's context, which is at COLIMA."""
    cases = "\n".join(f"'--host {host} '*) echo '{json.dumps(info)}' ;;" for host, info in engines.items())
    script(
        docker,
        f"""case "$*" in
{cases}
'--host '*) echo '{json.dumps(NO_ENGINE)}'; exit 1 ;;
'context inspect '*) echo '{COLIMA}' ;;
'info '*) echo '{json.dumps(in_context)}' ;;
esac""",
    )


def refusal() -> str:
    with pytest.raises(RunError) as refused:
        docker_engine.require(needed=True)
    return str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        SYSTEM,
        "unix:///home/somebody/.docker/run/docker.sock",
        "unix:///home/somebody/.docker/desktop/docker.sock",
    ],
)
def test_an_engine_at_an_address_of_the_provider_is_accepted(docker: Path, host: str) -> None:
    engines(docker, {host: ENGINE})
    docker_engine.require(needed=True)


def test_the_only_address_is_docker_host_if_it_is_set(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", COLIMA)
    engines(docker, {COLIMA: ENGINE})
    docker_engine.require(needed=True)
    engines(docker, {SYSTEM: ENGINE})
    assert "no engine responds at DOCKER_HOST" in refusal()


def test_a_missing_engine_is_an_error_with_the_remedies(docker: Path) -> None:
    engines(docker, {})
    assert refusal() == (
        "docker: no engine responds, and this stack builds its images. Start Docker, or set DOCKER_HOST."
        " A stack with `images` instead of `build` needs no engine."
    )


def test_an_engine_that_only_a_docker_context_names_is_an_error_with_the_docker_host_to_export(docker: Path) -> None:
    engines(docker, {}, in_context=ENGINE)
    assert refusal() == (
        "docker: an engine responds in the docker CLI's context, but the Docker provider follows no context."
        f" Run `export DOCKER_HOST={COLIMA}` and try again."
        " A stack with `images` instead of `build` needs no engine."
    )


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("20.10.24+dfsg1", CLASSIC_STORE),
        ("26.1.5+dfsg1", CLASSIC_STORE),
        ("27.5.0", CONTAINERD_STORE),
        ("28.5.2+dfsg4", CONTAINERD_STORE),
        ("dev", CONTAINERD_STORE),
    ],
)
def test_an_engine_that_can_build_is_accepted(docker: Path, version: str, status: list[str]) -> None:
    engines(docker, {SYSTEM: engine(version, status)})
    docker_engine.require(needed=True)


@pytest.mark.parametrize("version", ["26.1.5+dfsg1", "27.4.1"])
def test_an_engine_before_27_5_with_the_containerd_store_is_an_error_with_two_ways_out(
    docker: Path, version: str
) -> None:
    engines(docker, {SYSTEM: engine(version, CONTAINERD_STORE)})
    assert refusal() == (
        f"docker: engine {version} with the containerd image store cannot build for the Docker provider. Install"
        ' Docker 27.5 or later, or put `"features": {"containerd-snapshotter": false}` into the engine\'s daemon.json'
        " and restart it."
    )


@pytest.mark.parametrize("printed", ["", '{"ServerErrors": ["Cannot connect to the Docker daemon"]}'])
def test_an_old_docker_cli_that_reports_a_missing_engine_with_exit_code_0_is_understood(
    docker: Path, printed: str
) -> None:
    script(docker, f"echo '{printed}'")
    assert "no engine responds" in refusal()


def test_an_unreachable_address_is_not_shown(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address may have credentials."""
    engines(docker, {})
    monkeypatch.setenv("DOCKER_HOST", "ssh://somebody:password@example.invalid")
    assert "somebody" not in refusal()


def test_an_engine_that_does_not_respond_in_time_is_an_error(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(docker, "read forever < /dev/zero")
    monkeypatch.setattr(docker_engine, "TIMEOUT", 0)
    assert "no engine responds" in refusal()


def test_without_the_docker_cli_the_check_is_left_to_the_provider(docker: Path) -> None:
    assert not docker.exists()
    docker_engine.require(needed=True)


def test_the_simulator_needs_no_engine(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engines(docker, {})
    monkeypatch.setenv(docker_engine.SIMULATED, "1")
    docker_engine.require(needed=True)


def test_a_stack_that_builds_nothing_needs_no_engine(docker: Path) -> None:
    engines(docker, {})
    docker_engine.require(needed=False)


def test_a_socket_that_the_user_may_not_open_is_told_as_that(docker: Path) -> None:
    denied = {"ServerErrors": ["permission denied while trying to connect to the Docker daemon socket"]}
    engines(docker, {SYSTEM: denied})
    with pytest.raises(RunError) as rejected:
        docker_engine.require(needed=True)
    assert str(rejected.value).startswith(
        "docker: permission denied at /var/run/docker.sock. Join the group that owns it, docker as a rule,"
    )


@pytest.mark.parametrize("answer", ["null", "[]", "text", ""])
def test_an_answer_that_is_no_engines_is_no_engine(docker: Path, answer: str) -> None:
    script(docker, f"echo '{answer}'")
    with pytest.raises(RunError, match=r"^docker: no engine responds"):
        docker_engine.require(needed=True)


def test_a_context_without_an_address_is_not_recommended(docker: Path) -> None:
    engines(docker, {}, in_context=ENGINE)
    docker.write_text(docker.read_text().replace(COLIMA, ""))
    with pytest.raises(RunError, match=r"^docker: no engine responds, and this stack builds its images\. Start Docker"):
        docker_engine.require(needed=True)
