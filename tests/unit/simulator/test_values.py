from __future__ import annotations

from typing import Any

import pytest

from simulator.aws import values
from simulator.sdk import UNKNOWN


@pytest.mark.parametrize(
    ("value", "number"),
    [(1, 1), (2.0, 2), ("3", 3), ("-4", -4), (1.5, None), ("x", None), (True, None), (None, None), (UNKNOWN, None)],
)
def test_a_whole_number_is_a_number_or_a_string_of_digits(value: Any, number: int | None) -> None:
    assert values.number(value) == number


@pytest.mark.parametrize("value", [None, UNKNOWN, 1, "10", 10.0])
def test_a_missing_or_an_unknown_value_and_one_in_the_range_is_accepted(value: Any) -> None:
    assert list(values.outside("Code", {"key": value}, [("key", 1, 10)])) == []


@pytest.mark.parametrize("value", [0, 11, 1.5, "x", [], {}, True])
def test_a_value_outside_of_the_range_is_refused_with_the_code_and_the_range(value: Any) -> None:
    assert list(values.outside("Code", {"key": value}, [("key", 1, 10)])) == [
        f"Code: key must be a whole number from 1 to 10, not {value!r}"
    ]


@pytest.mark.parametrize("value", [5, [], {}, "b"])
def test_a_value_that_is_none_of_the_allowed_ones_is_refused(value: Any) -> None:
    assert list(values.other_than("Code", {"key": value}, [("key", ("a",))])) == [
        f"Code: key must be one of a, not {value!r}"
    ]


@pytest.mark.parametrize("value", [None, "x", 5, [1]])
def test_what_is_no_mapping_is_read_as_an_empty_one(value: Any) -> None:
    assert (values.mapping(value), values.mappings(value)) == ({}, [])
