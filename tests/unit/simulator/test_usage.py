"""Wrong usage has an exit code of its own, in each command line and each subcommand."""

from __future__ import annotations

import importlib

import pytest

WRONG: list[tuple[str, list[str]]] = [
    ("simulator", ["drift", "--stack", "a/b"]),
    ("simulator", ["up", "--stak", "dev"]),
    ("simulator", []),
    ("review", ["diff"]),
    ("review", ["draw"]),
    ("ops", ["status"]),
    ("ops", ["scale", "dev", "mcp", "many"]),
    ("ops", ["status", "dev", "--", "more"]),
]


@pytest.mark.parametrize(("package", "arguments"), WRONG)
def test_wrong_usage_is_no_answer(package: str, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        importlib.import_module(f"{package}.cli").main(arguments)
    assert exited.value.code == 64, "2 is the answer no of drift, status, why, verify, logs and jobs"
    assert ": error: " in capsys.readouterr().err


@pytest.mark.parametrize("package", ["simulator", "review", "ops"])
def test_the_help_lists_the_exit_codes(package: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        importlib.import_module(f"{package}.cli").main(["--help"])
    assert exited.value.code == 0
    assert "2 no" in (printed := capsys.readouterr().out)
    assert "64 wrong usage; 130 interrupted" in printed
