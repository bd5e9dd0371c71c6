"""The real engine under variables and paths that other programs read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from simulator.home import Home
from tests.declared import ROOT
from tests.engine.conftest import Checkout

PROXY = "http://127.0.0.1:9"  # nothing listens there
HOSTILE = {
    **{f"{name}_proxy": PROXY for name in ("http", "https", "all", "grpc")},
    **{f"{name}_PROXY": PROXY for name in ("HTTP", "HTTPS", "ALL")},
    "AWS_PROFILE": "nobody",
    "AWS_REGION": "eu-west-9",
    "DOCKER_HOST": "tcp://127.0.0.1:9",
    "GODEBUG": "netdns=nonsense",
    "GRPC_DNS_RESOLVER": "nonsense",
    "HOME": "/nonexistent",
    "PULUMI_ACCESS_TOKEN": "token",
    "PULUMI_BACKEND_URL": "https://api.example.invalid",
    "PULUMI_CONFIG": '{"marginalia:stack": "{}"}',
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/nonexistent",
    "PULUMI_DEBUG_GRPC": "/nonexistent/log",
    "PULUMI_DEBUG_LANGUAGES": "python:9",
    "PULUMI_DIY_BACKEND_GZIP": "true",
    "PULUMI_ENABLE_LEGACY_APPLY": "true",
    "PULUMI_EXPERIMENTAL": "true",
    "PULUMI_HOME": "/nonexistent",
    "PULUMI_OPTION_REFRESH": "true",
    "PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT": "127.0.0.1:9",
    "PULUMI_PARALLEL": "1",
    "PULUMI_RUN_PROGRAM": "false",
    "PULUMI_STACK": "other",
    "PYTHONPATH": "/nonexistent",
    "PYTHONWARNINGS": "error",
    "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "USER": "",
}


def test_no_variable_of_the_caller_and_no_character_of_a_path_changes_an_update_or_its_state(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = replace(checkout, home=Home(tmp_path / "a #?%20&'\"ü"))
    with monkeypatch.context() as caller:
        for name, value in HOSTILE.items():
            caller.setenv(name, value)
        result = replace(elsewhere.simulator, policy=ROOT / "policy").run("up", "dev")
    assert result.errors == ()
    assert elsewhere.changed() == set()
