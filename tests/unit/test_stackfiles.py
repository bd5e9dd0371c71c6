"""The stack files that lie beside the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackfiles import StackFileError, config, stacks


def test_a_stacks_name_may_hold_periods(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.eu.yaml"):
        (tmp_path / name).touch()
    assert stacks(tmp_path) == ["dev", "prod.eu"]


def test_a_stack_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StackFileError, match=r"^Pulumi\.dev\.yaml cannot be read as text$"):
        config(tmp_path / "Pulumi.dev.yaml")


def test_what_stands_under_config_is_given_as_it_stands(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {b: [1, '2']}\nencryptedkey: x")
    assert config(tmp_path / "Pulumi.dev.yaml") == {"b": [1, "2"]}
