"""What the backend says of a stack."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from promotion import source
from promotion.errors import PromotionError
from promotion.source import Source
from tests.declared import ROOT

URN = "urn:pulumi:dev::marginalia::pulumi:pulumi:Stack"
OUTPUTS = {"images": {"mcp": "an image"}, "services": {"mcp": "an arn"}, "cluster": "a cluster", "url": "a url"}
STACK = {"type": "pulumi:pulumi:Stack", "urn": f"{URN}::marginalia-dev", "outputs": OUTPUTS}


def entry(kind: str, result: str) -> dict[str, Any]:
    times = {"startTime": "2026-01-01T00:00:00.000Z", "endTime": "2026-01-01T00:00:00.000Z"}
    return {"kind": kind, "result": result, "message": "", "environment": {}, "config": {}, **times}


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which to put what `pulumi` answers. It writes down what it was asked."""
    script = tmp_path / "pulumi"
    script.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, sys\n"
        "here, asked = pathlib.Path(__file__).parent, ' '.join(sys.argv[1:])\n"
        "if asked == 'version': sys.exit(print('v3.232.0'))\n"
        "with (here / 'asked').open('a') as file: print(asked, file=file)\n"
        "answer = here / next(word for word in sys.argv if word in ('export', 'history'))\n"
        "sys.exit(print(answer.read_text()) if answer.exists() else 'error: ' + (here / 'error').read_text())\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def answer(pulumi: Path, *history: dict[str, Any], resources: Any = (STACK,), pending: Any = None) -> Source:
    deployment = {"resources": list(resources), "pending_operations": pending}
    (pulumi / "export").write_text(json.dumps({"version": 3, "deployment": deployment}))
    (pulumi / "history").write_text(json.dumps(history))
    return source.read(source.on_backend("dev", ROOT))


def test_a_stack_is_read_without_a_secret_and_without_being_selected(pulumi: Path) -> None:
    answer(pulumi)
    asked = [line.replace("--non-interactive ", "") for line in (pulumi / "asked").read_text().splitlines()]
    assert [line for line in asked if "show-secrets" in line] == []
    assert [line.split()[:2] for line in asked] == [["stack", "export"], ["stack", "history"]]


def test_the_outputs_say_what_runs(pulumi: Path) -> None:
    assert answer(pulumi, entry("update", "succeeded")) == Source(
        stack="dev",
        images={"mcp": "an image"},
        services={"mcp": "an arn"},
        cluster="a cluster",
        update="succeeded",
        pending=(),
    )


def test_a_stack_that_was_never_brought_up_runs_nothing(pulumi: Path) -> None:
    assert answer(pulumi, resources=()) == Source(stack="dev", images={}, services={})


@pytest.mark.parametrize("result", ["succeeded", "failed", "in-progress"])
@pytest.mark.parametrize("kind", ["update", "destroy"])
def test_the_last_update_counts_whatever_was_refreshed_since(pulumi: Path, kind: str, result: str) -> None:
    found = answer(pulumi, entry("refresh", "other"), entry(kind, result), entry("update", "older"))
    assert found.update == result


def test_an_operation_that_is_pending_is_named(pulumi: Path) -> None:
    pending = [{"resource": {"urn": f"{URN}::mcp-service"}, "type": "updating"}]
    assert answer(pulumi, pending=pending).pending == ("mcp-service",)


def test_what_pulumi_says_is_one_message(pulumi: Path) -> None:
    (pulumi / "error").write_text("no stack named 'dev' found")
    with pytest.raises(PromotionError, match=r"^dev: no stack named 'dev' found$"):
        source.read(source.on_backend("dev", ROOT))


def test_no_pulumi_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromotionError, match=r"^dev: there is no pulumi on PATH to ask"):
        source.on_backend("dev", ROOT)


def test_a_pulumi_that_is_too_old_is_one_message(pulumi: Path) -> None:
    script = pulumi / "pulumi"
    script.write_text(script.read_text().replace("v3.232.0", "v2.0.0"))
    with pytest.raises(PromotionError, match=r"^dev: the pulumi on PATH cannot be asked: "):
        source.on_backend("dev", ROOT)
