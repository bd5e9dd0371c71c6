"""Finding and reading stack files."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.stackfile import StackFileError, config, stacks


def test_the_name_of_a_stack_may_contain_periods(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.eu.yaml"):
        (tmp_path / name).touch()
    assert stacks(tmp_path) == ["dev", "prod.eu"]


def test_a_stack_file_that_is_not_utf_8_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StackFileError, match=r"^Pulumi\.dev\.yaml: cannot be read as UTF-8 text\. Save it as UTF-8\.$"):
        config(tmp_path / "Pulumi.dev.yaml")


def test_the_mapping_under_config_is_returned_unchanged(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {b: [1, '2']}\nencryptedkey: x")
    assert config(tmp_path / "Pulumi.dev.yaml") == {"b": [1, "2"]}


def test_a_section_without_its_indentation_is_rejected(tmp_path: Path) -> None:
    text = 'config:\n  "marginalia:stack":\n    spot: 1\nsecrets:\n  mcp: {}\nx-anchors: {}\nencryptionsalt: v1\n'
    (tmp_path / "Pulumi.dev.yaml").write_text(text)
    with pytest.raises(StackFileError) as rejected:
        config(tmp_path / "Pulumi.dev.yaml")
    assert str(rejected.value) == (
        "Pulumi.dev.yaml:4: secrets: no such key beside config. Indent it, so that it is under marginalia:stack."
    ), "Pulumi ignores it, and the section would have no effect"
