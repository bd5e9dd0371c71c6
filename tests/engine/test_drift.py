"""What somebody changed or deleted in the cloud behind Pulumi's back is shown, and the named command settles it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ecs import types
from simulator import cli, drift
from simulator.cli import main
from simulator.program import Program
from tests.engine.conftest import Checkout


def change(checkout: Checkout, kind: str, name: str, **properties: object) -> None:
    """Changes the object of the resource with this logical name."""
    with checkout.home.store() as store:
        [found] = [each for each in store.find(kind) if each.urn.endswith(f"::{name}")]
        store.put(replace(found, properties={**found.properties, **properties}))


def shown(checkout: Checkout, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and the output of the command, which changes neither the cloud nor the state."""

    def content() -> dict[Path, bytes]:
        files = (path for path in checkout.home.path.rglob("*") if path.is_file())
        return {path: path.read_bytes() for path in files if ".pulumi/stacks" in str(path) or path.suffix == ".sqlite"}

    before = content()
    code = main(["drift", "--home", str(checkout.home.path), *options])
    assert content() == before
    return code, capsys.readouterr().out


@pytest.fixture
def program(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    def program(_: Path, folder: str = "") -> Program:
        return Program(checkout.root, folder)

    monkeypatch.setattr(cli, "Program", program)


@pytest.mark.usefixtures("program")
def test_drift_is_shown_with_its_differences_and_settled_by_the_named_command(
    pinned: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(pinned, capsys) == (0, "dev: no drift\n")
    change(pinned, types.LOG_GROUP, "authsvc-task-logs", retentionInDays=1)
    pinned.forget(types.LOG_GROUP, "/ecs/mrgnl-promptsvc")
    assert shown(pinned, capsys) == (
        drift.FOUND,
        "dev: drift\n"
        "  authsvc-task-logs: changed\n"
        "    retentionInDays: 1 in the cloud, 30 in the program\n"
        "  promptsvc-task-logs: deleted\n"
        "Run `make up STACK=dev REFRESH=1` to deploy what the program declares, or change the program to match the"
        " cloud.\n",
    )
    code, text = shown(pinned, capsys, "--json")
    assert (code, json.loads(text)["command"]) == (drift.FOUND, "make up STACK=dev REFRESH=1")
    assert main(["up", "--refresh", "--home", str(pinned.home.path)]) == 0
    capsys.readouterr()
    assert shown(pinned, capsys) == (0, "dev: no drift\n")


@pytest.mark.usefixtures("program")
def test_storage_that_rds_increased_by_itself_is_no_drift(pinned: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    change(pinned, types.DB_INSTANCE, "database-instance", allocatedStorage=30.0)
    assert shown(pinned, capsys) == (0, "dev: no drift\n")
    assert main(["up", "--refresh", "--home", str(pinned.home.path)]) == 0
    with pinned.home.store() as store:
        [found] = store.find(types.DB_INSTANCE)
    assert found.properties["allocatedStorage"] == 30


@pytest.mark.usefixtures("program")
def test_the_drift_of_a_stack_that_is_not_deployed_cannot_be_told(
    checkout: Checkout, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drift", "--home", str(checkout.home.path)]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "dev: not deployed. Run `make up STACK=dev` first."
