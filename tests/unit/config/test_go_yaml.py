"""YAML as Pulumi's CLI reads it. tests/engine/test_yaml.py compares the scalars with the CLI itself."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from config import go_yaml

SCALARS: dict[str, object] = {
    # Words of YAML 1.1 that are texts.
    "yes": "yes",
    "No": "No",
    "on": "on",
    "off": "off",
    "y": "y",
    "tRue": "tRue",
    "True": True,
    "FALSE": False,
    "~": None,
    "Null": None,
    "nULL": "nULL",
    # Numbers.
    "2:00": "2:00",
    "190:20:30.15": "190:20:30.15",
    "0o2000": 1024,
    "0O17": 15,
    "017": 15,
    "-017": -15,
    "08": 8,
    "052812345678": 52812345678,
    "012345670123": 1402433619,
    "0x1F": 31,
    "-0b11": -3,
    "1_000": 1000,
    "_1": "_1",
    "+12": 12,
    "120.0": 120,
    "1e3": 1000,
    "1.5": 1.5,
    ".5": 0.5,
    "1.": 1,
    "1e400": "1e400",
    "-0.0": 0,
    "0xG": "0xG",
    "1.2.3": "1.2.3",
    "10.0.0.0/16": "10.0.0.0/16",
    # Dates.
    "2024-01-31": "2024-01-31 00:00:00 +0000 UTC",
    "2024-1-2 3:4:5": "2024-01-02 03:04:05 +0000 UTC",
    "2001-12-14t21:59:43.10-05:00": "2001-12-14 21:59:43.1 -0500 -0500",
    "2024-02-30": "2024-02-30",
    # Quotes and tags.
    '"052812345678"': "052812345678",
    "'yes'": "yes",
    '"true"': "true",
    "!!str 08": "08",
    "!!int '7'": 7,
    "<<": "<<",
    "=": "=",
}


@pytest.mark.parametrize(("plain", "value"), SCALARS.items(), ids=SCALARS)
def test_a_scalar_is_what_pulumis_cli_reads(plain: str, value: object) -> None:
    read = go_yaml.load(f"key: {plain}")["key"]
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: &x {b: 1}\nc: {<<: *x, b: 2, d: 3}", {"a": {"b": 1}, "c": {"b": 2, "d": 3}}),
        ("- &x {b: 1}\n- &y {b: 2, c: 3}\n- {<<: [*x, *y]}", [{"b": 1}, {"b": 2, "c": 3}, {"b": 1, "c": 3}]),
        ('"<<": 1', {"<<": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("\ufeffa: 1", {"a": 1}),
        ("a:\tb", {"a": "b"}),
        ("{a:\t1,\tb: 2}", {"a": 1, "b": 2}),
        ("1: a\n2.0: b\ntrue: c\n~: d\n0x10: e", {"1": "a", "2": "b", "true": "c", "<nil>": "d", "16": "e"}),
        ("", None),
        ("# nothing", None),
    ],
)  # fmt: skip
def test_a_document_is_what_pulumis_cli_reads(text: str, value: object) -> None:
    assert go_yaml.load(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "a: 1\n'a': 2",
        "1: a\n'1': b",
        "1: a\n1.0: b",
        "0x10: a\n'0x10': b",
        "<<: {a: 1}\n<<: {b: 2}",
        "a: {b: 1, c: 2, b: 3}",
        "- {a: 1, a: 1}",
        "a: &a [*a]",
        "a: &a {b: *a}",
        "a: *nothing",
        "a:\n\tb: 1",
        "a: .inf",
        "a: .nan",
        "a: !!bool yes",
        "a: !!int x",
        "a: !password x",
        "a: !!binary aGk=",
        "a: !!set {b, c}",
        "[a]: 1",
        "a: 1\n---\nb: 2",
        "%YAML 1.2\n---\na: 1",
        'a: "\\ud83d"',
        "a: \x07",
        "a: b: c",
        "[" * 5000,
        "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]),
    ],
    ids=lambda text: repr(text)[:30],
)
def test_what_pulumis_cli_refuses_or_json_cannot_have_is_an_error(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        go_yaml.load(text)


def test_all_duplicate_keys_are_named_with_their_paths_and_lines() -> None:
    with pytest.raises(go_yaml.DuplicateKeysError) as refused:
        go_yaml.load("a:\n  b: 1\n  b: 2\nc: [{d: 1,\n  d: 2}]\na: 3")
    assert refused.value.duplicates == [(("a", "b"), 2, 3), (("c", "0", "d"), 4, 5), (("a",), 1, 6)]


@pytest.mark.parametrize("value", [value for value in SCALARS.values() if isinstance(value, str)])
def test_a_text_survives_a_dump_for_both_readers(value: str) -> None:
    text = go_yaml.dump({"config": {"a": value, value: [value]}})
    assert go_yaml.load(text) == yaml.safe_load(text) == {"config": {"a": value, value: [value]}}


@pytest.mark.parametrize(
    "value", ["\u2028", "\x85", "\x7f", "\U0001f600", "a\tb\n", " x ", "\\", "'\"", "%", "@x", "#", "\ufeff", "x" * 500]
)
def test_any_text_survives_a_dump(value: str) -> None:
    assert go_yaml.load(go_yaml.dump({"a": value})) == {"a": value}


def test_numbers_and_shared_values_survive_a_dump() -> None:
    shared: dict[str, Any] = {"n": 1, "f": 1.5, "t": True, "none": None, "small": 1e-9}
    assert go_yaml.load(go_yaml.dump({"a": shared, "b": shared})) == {"a": shared, "b": shared}
