"""`make local` checks Docker before it builds, with one line for each part that is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from config import catalogue
from tests.declared import CATALOGUE
from tools import local

ENGINE = "docker: no engine responds at the docker CLI's context. Start Docker, or set DOCKER_HOST to an engine."
BUILDX = "docker buildx: not installed. Install it: https://github.com/docker/buildx#installing"
COMPOSE = "docker compose 2.23.1 or later: {}. Install it: https://docs.docker.com/compose/install/"
NO_COMPOSE = COMPOSE.format("not installed")
DOCKER = "docker is not on PATH. Install it: https://docs.docker.com/get-started/get-docker/"

ALL = {"version": "echo 29.0", "compose": "echo 2.40.3", "buildx": "echo v0.29"}
"""What docker does for each of its commands."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, and the tests' own catalogue."""

    def load(_: Path) -> catalogue.Catalogue:
        return CATALOGUE

    monkeypatch.setattr(local.catalogue, "load", load)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return tmp_path


def docker(folder: Path, **commands: str) -> Path:
    """A docker that notes its arguments and fails for all but these commands."""
    cases = "".join(f"{name}) {does};;\n" for name, does in commands.items())
    (folder / "docker").write_text(
        f'#!/bin/sh\necho "$@" >> "{folder}/called"\ncase "$1" in\n{cases}*) exit 1;;\nesac\n'
    )
    (folder / "docker").chmod(0o755)
    return folder / "called"


@pytest.mark.parametrize(
    ("commands", "up", "down"),
    [
        (ALL, [], []),
        ({}, [ENGINE, NO_COMPOSE, BUILDX], [ENGINE, NO_COMPOSE]),
        ({**ALL, "version": "exit 1"}, [ENGINE], [ENGINE]),
        ({**ALL, "buildx": "exit 1"}, [BUILDX], []),
        ({**ALL, "compose": "exit 1"}, [NO_COMPOSE], [NO_COMPOSE]),
        ({**ALL, "compose": "echo 1.29.2"}, [COMPOSE.format("found 1.29.2")], [COMPOSE.format("found 1.29.2")]),
        ({**ALL, "compose": "echo 2.23.0"}, [COMPOSE.format("found 2.23.0")], [COMPOSE.format("found 2.23.0")]),
        ({**ALL, "compose": "echo 2.23.1-desktop.1"}, [], []),
        ({**ALL, "compose": "echo v5.0.1"}, [], []),
        ({**ALL, "compose": "echo unknown"}, [COMPOSE.format("found unknown")], [COMPOSE.format("found unknown")]),
    ],
    ids=[
        "all",
        "none",
        "engine",
        "buildx",
        "compose",
        "compose 1",
        "compose 2.23.0",
        "compose 2.23.1",
        "compose 5",
        "a version that is no number",
    ],
)
def test_what_docker_lacks_is_one_line_each(
    folder: Path, commands: dict[str, str], up: list[str], down: list[str]
) -> None:
    docker(folder, **commands)
    assert list(local.docker_problems(builds=True)) == up
    assert list(local.docker_problems(builds=False)) == down


@pytest.mark.parametrize("command", ["up", "down"])
def test_without_docker_there_is_one_line(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert local.main([command]) == 1
    assert capsys.readouterr().err == f"{DOCKER}\n"


def test_a_docker_that_cannot_be_run_is_no_traceback(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    docker(folder, **ALL)
    (folder / "docker").write_bytes(b"\x7fELF")
    assert local.main(["up"]) == 1
    assert capsys.readouterr().err.splitlines() == [ENGINE, NO_COMPOSE, BUILDX]


def test_an_engine_that_does_not_respond_is_not_waited_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "TIMEOUT", 0.2)
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    docker(folder, **{**ALL, "version": "exec /bin/sleep 60"})
    [problem] = local.docker_problems(builds=True)
    assert problem == ENGINE.replace("the docker CLI's context", "tcp://127.0.0.1:1")


def test_nothing_is_built_while_something_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    called = docker(folder, **{**ALL, "compose": "exit 1"})
    assert local.main(["up", "--source", "../nowhere/{service}"]) == 1
    problems = capsys.readouterr().err.splitlines()
    assert problems[0].startswith("SOURCE is '../nowhere/{service}': no such folder ../nowhere/authsvc (authsvc), ")
    assert problems[1:] == [NO_COMPOSE]
    assert not [line for line in called.read_text().splitlines() if line.startswith("build ")]


def test_every_service_and_the_job_of_the_logins_is_built_and_then_all_are_started(folder: Path) -> None:
    called = docker(folder, **ALL, build="exit 0")
    assert local.main(["up"]) == 0
    lines = called.read_text().splitlines()
    assert [line.split()[-2:] for line in lines if line.startswith("build ")] == [
        *([f"mrgnl-{entry.name}:local", "image/sample"] for entry in CATALOGUE),
        ["mrgnl-logins:local", "image/logins"],
    ]
    assert lines[-1].startswith("compose --file image/compose.yaml --project-directory . up ")
    assert os.environ["PATH"] == str(folder)


def test_what_does_not_start_is_explained_by_its_log(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compose = 'case "$*" in *" version "*) echo 2.40.3;; *) exit 17;; esac'
    docker(folder, **{**ALL, "compose": compose}, build="exit 0")
    assert local.main(["up"]) == 17
    assert capsys.readouterr().err == (
        "`docker compose --file image/compose.yaml --project-directory . logs` shows why. `make local-down` deletes the"
        " data, too.\n"
    )


def test_down_deletes_the_data_and_the_containers_of_jobs_too(folder: Path) -> None:
    called = docker(folder, **ALL)
    assert local.main(["down"]) == 0
    assert called.read_text().splitlines()[-1] == (
        "compose --file image/compose.yaml --project-directory . --profile jobs down --volumes --remove-orphans"
    )
