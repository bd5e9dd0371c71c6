"""Describing a stack from its Pulumi backend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.problems import UserError
from ecs import types
from ops import stack
from ops.cloud import on_backend
from ops.stack import Description
from tests.declared import ROOT
from tests.executables import write_python

URN = "urn:pulumi:dev::marginalia::pulumi:pulumi:Stack"
OUTPUTS = {
    "images": {"mcp": "an image"},
    "services": {"mcp": "an arn"},
    "commits": {"mcp": "a commit"},
    "cluster": "a cluster",
    "url": "a url",
}
STACK = {"type": types.STACK, "urn": f"{URN}::marginalia-dev", "outputs": OUTPUTS}


def entry(kind: str, result: str, *flags: str) -> dict[str, Any]:
    times = {"startTime": "2026-01-01T00:00:00.000Z", "endTime": "2026-01-01T00:00:00.000Z"}
    environment = {f"pulumi.flag.{flag}": "set" for flag in flags}
    return {"kind": kind, "result": result, "message": "", "environment": environment, "config": {}, **times}


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a fake `pulumi`, which returns the files in it and records its requests."""
    write_python(
        tmp_path / "pulumi",
        "import pathlib, sys\n"
        "here, request = pathlib.Path(__file__).parent, ' '.join(sys.argv[1:])\n"
        "if request == 'version': sys.exit(print((here / 'version').read_text()))\n"
        "with (here / 'requests').open('a') as file: print(request, file=file)\n"
        "page = request.partition('--page ')[2].partition(' ')[0].replace('1', '')\n"
        "response = here / (next(word for word in sys.argv if word in ('export', 'history')) + page)\n"
        "sys.exit(print(response.read_text()) if response.exists() else 'error: ' + (here / 'error').read_text())\n",
    )
    (tmp_path / "version").write_text("v3.232.0")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


def described(pulumi: Path, *history: dict[str, Any], resources: Any = (STACK,), pending: Any = None) -> Description:
    deployment = {"resources": list(resources), "pending_operations": pending}
    (pulumi / "export").write_text(json.dumps({"version": 3, "deployment": deployment}))
    (pulumi / "history").write_text(json.dumps(history))
    return stack.read(on_backend("dev", ROOT))


def test_reading_a_stack_neither_decrypts_secrets_nor_selects_it(pulumi: Path) -> None:
    described(pulumi)
    requests = [line.replace("--non-interactive ", "") for line in (pulumi / "requests").read_text().splitlines()]
    assert [line for line in requests if "show-secrets" in line] == []
    assert [line.split()[:2] for line in requests] == [["stack", "export"], ["stack", "history"]]


def test_images_services_and_cluster_come_from_the_outputs(pulumi: Path) -> None:
    assert described(pulumi, entry("update", "succeeded")) == Description(
        stack="dev",
        images={"mcp": "an image"},
        services={"mcp": "an arn"},
        commits={"mcp": "a commit"},
        cluster="a cluster",
        url="a url",
        update="succeeded",
        pending=(),
        resources=(STACK,),
    )


def test_a_stack_that_was_never_updated_has_no_services(pulumi: Path) -> None:
    assert described(pulumi, resources=()) == Description(stack="dev", images={}, services={})


@pytest.mark.parametrize("result", ["succeeded", "failed", "in-progress"])
@pytest.mark.parametrize("kind", ["update", "destroy"])
def test_a_refresh_does_not_count_as_the_last_update(pulumi: Path, kind: str, result: str) -> None:
    found = described(pulumi, entry("refresh", "other"), entry(kind, result), entry("update", "older"))
    assert found.update == result


FAILED, PLAIN = entry("update", "failed"), entry("update", "succeeded")
REFRESHING, REFRESH = entry("update", "succeeded", "refresh"), entry("refresh", "succeeded")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([FAILED, REFRESHING], "failed"),
        ([PLAIN, PLAIN], "succeeded"),
        ([PLAIN, FAILED], "unproven"),
        ([REFRESH, PLAIN, FAILED], "unproven"),
        ([PLAIN, PLAIN, entry("destroy", "failed")], "unproven"),
        ([REFRESHING, FAILED], "succeeded"),
        ([PLAIN, REFRESHING, FAILED], "succeeded"),
        ([PLAIN, REFRESH, FAILED], "succeeded"),
        ([PLAIN, entry("destroy", "succeeded"), FAILED], "succeeded"),
        ([PLAIN, entry("import", "succeeded"), FAILED], "unproven"),
        ([PLAIN, entry("refresh", "failed"), FAILED], "unproven"),
        ([PLAIN, entry("refresh", "succeeded", "target"), FAILED], "unproven"),
        ([entry("update", "succeeded", "refresh", "target"), FAILED], "unproven"),
        ([entry("update", "succeeded", "refresh", "exclude"), FAILED], "unproven"),
    ],
)
def test_an_update_after_a_failed_one_counts_once_the_whole_stack_was_refreshed_between(
    pulumi: Path, history: list[dict[str, Any]], expected: str
) -> None:
    """Newest first."""
    assert described(pulumi, *history).update == expected


def test_a_failed_update_is_found_beyond_the_first_page_of_the_history(pulumi: Path) -> None:
    (pulumi / "history2").write_text(json.dumps([FAILED]))
    assert described(pulumi, *[PLAIN] * stack.HISTORY_SIZE).update == "unproven"


def test_the_history_is_read_no_further_than_to_the_last_refresh(pulumi: Path) -> None:
    (pulumi / "history2").write_text("not read")
    assert described(pulumi, *[REFRESHING] * stack.HISTORY_SIZE).update == "succeeded"


def test_pending_operations_are_named(pulumi: Path) -> None:
    pending = [{"resource": {"urn": f"{URN}::mcp-service"}, "type": "updating"}]
    assert described(pulumi, pending=pending).pending == ("mcp-service",)


def test_an_error_of_pulumi_is_one_line(pulumi: Path) -> None:
    (pulumi / "error").write_text("no stack named 'dev' found")
    with pytest.raises(UserError, match=r"^dev: no stack named 'dev' found$"):
        stack.read(on_backend("dev", ROOT))


def test_a_missing_pulumi_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"^dev: pulumi is not on PATH\."):
        on_backend("dev", ROOT)


def test_a_pulumi_that_is_too_old_is_an_error(pulumi: Path) -> None:
    (pulumi / "version").write_text("v2.0.0")
    with pytest.raises(UserError, match=r"^dev: the pulumi on PATH is not supported "):
        on_backend("dev", ROOT)
