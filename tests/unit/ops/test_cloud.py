from __future__ import annotations

from pathlib import Path

import pytest

from ops import cloud
from simulator.home import NAME, Home
from tests.unit.ops.boto import answering

ADVICE = "`pulumi refresh --clear-pending-creates`, `pulumi up --refresh`, then `python -m ops status dev`."


def test_advice_on_aws_names_the_stack() -> None:
    assert cloud.aws(Path()).advice(ADVICE, "dev") == (
        "`pulumi refresh --clear-pending-creates --stack dev`,"
        " `pulumi up --refresh --policy-pack policy --stack dev`, then `python -m ops status dev`."
    )


@pytest.mark.parametrize("name", [NAME, "other"])
def test_advice_in_the_simulator_names_its_commands_the_stack_and_another_state_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = tmp_path / name
    with Home(home).store():
        pass
    monkeypatch.setattr("simulator.toolchain.pulumi", answering(None))
    run = ".venv/bin/python -m simulator"
    expected = {
        NAME: "`make refresh STACK=dev`, `make up REFRESH=1 STACK=dev`, then `python -m ops status dev --simulator`.",
        "other": f"`{run} refresh --home {home} --stack dev`, `{run} up --refresh --home {home} --stack dev`, then"
        f" `python -m ops status dev --simulator --home {home}`.",
    }
    with cloud.simulated(tmp_path, home, tools=tmp_path) as found:
        assert found.advice(ADVICE, "dev") == expected[name]
