from __future__ import annotations

import os

import pytest

from simulator import environment

LEAKING = (
    *("PULUMI_STACK", "PULUMI_CONFIG", "PULUMI_DIY_BACKEND_GZIP", "PULUMI_HOME", "PULUMI_OPTION_REFRESH", "PULUMI_X"),
    *("http_proxy", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy", "GRPC_VERBOSITY", "GODEBUG", "GOFLAGS"),
    *("AWS_REGION", "AWS_PROFILE", "DOCKER_HOST", "PYTHONPATH", "PYTHONWARNINGS", "TRACEPARENT", "GIT_DIR", "CI"),
)


@pytest.mark.parametrize("name", LEAKING)
def test_a_variable_that_is_not_listed_reaches_neither_the_engine_nor_the_program(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "leaks")
    assert name not in environment.kept(os.environ)
    with environment.isolated():
        assert name not in os.environ
    assert os.environ[name] == "leaks"


def test_a_variable_that_is_set_inside_is_gone_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    before = dict(os.environ)
    with environment.isolated():
        os.environ.update(TZ="CET", SET_INSIDE="1")
    assert dict(os.environ) == before


def test_an_environment_without_path_gets_one() -> None:
    assert environment.kept({"HOME": "/root"}) == {"PATH": os.defpath, "HOME": "/root"}


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "GOPROXY", "GOMODCACHE", "SSL_CERT_FILE"])
def test_a_build_keeps_what_a_download_requires(name: str) -> None:
    assert environment.kept({name: "value"}, environment.BUILD)[name] == "value"


@pytest.mark.parametrize("name", ["GOFLAGS", "GOOS", "GOARCH", "GOWORK", "GOTOOLCHAIN", "CGO_ENABLED", "GO111MODULE"])
def test_a_build_drops_what_would_change_the_executable(name: str) -> None:
    assert name not in environment.kept({name: "value"}, environment.BUILD)
