from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.diff.differences import LEAD, LONGEST, Change, changed, differences, excerpts, text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_nothing_differs_from_itself(value: object) -> None:
    assert differences(value, value) == ()


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [("a.b", "1", "2")]),
        ({"a": 1}, {}, [("a", "1", None)]),
        ({"a": ["x", "y"]}, {"a": ["y", "x"]}, []),
        ({"command": ["x", "y"]}, {"command": ["y", "x"]}, [("command", "x, y", "y, x")]),
        ({"a": [{"name": "x", "v": 1}, {"name": "y"}]}, {"a": [{"name": "y"}, {"name": "x", "v": 1}]}, []),
        ({"a": [{"name": "x", "v": 1}]}, {"a": [{"name": "x", "v": 2}]}, [("a[x].v", "1", "2")]),
        ({"a": [{"p": 1}, {"p": 2}]}, {"a": [{"p": 2}, {"p": 1}]}, []),
        ({"a": [{"name": ["x"]}]}, {"a": [{"name": ["y"]}]}, [("a[0].name", "x", "y")]),
        ({"a": []}, {"a": ["x"]}, [("a", "nothing", "x")]),
        ({"a": True}, {"a": False}, [("a", "true", "false")]),
    ],
)
def test_what_differs_is_said_by_its_path(
    before: object, after: object, changes: list[tuple[str, str | None, str | None]]
) -> None:
    assert differences(before, after) == tuple(Change(what=w, before=b, after=a) for w, b, a in changes)


def test_a_digest_is_shown_by_twelve_digits_and_a_text_on_one_line() -> None:
    assert text(f"mrgnl-x@sha256:{'ab' * 32}") == "mrgnl-x@sha256:abababababab"
    assert text("two\nlines") == "two lines"


def test_of_long_values_the_part_that_differs_is_shown_and_the_whole_is_compared() -> None:
    same = "x" * 2 * LONGEST
    [found] = differences({"a": f"{same}1{same}"}, {"a": f"{same}2"})
    assert found == Change(what="a", before=f"{same}1{same}", after=f"{same}2")
    assert excerpts(found) == (f"…{'x' * LEAD}1{'x' * (LONGEST - LEAD - 1)}…", f"…{'x' * (LONGEST - 1)}2")


def test_a_long_value_that_is_new_is_shown_by_its_beginning() -> None:
    assert excerpts(changed("a", None, "x" * 2 * LONGEST)) == (None, f"{'x' * LONGEST}…")


def test_a_value_that_goes_on_where_the_other_ends_is_shown_with_its_end() -> None:
    same = "x" * 2 * LONGEST
    assert excerpts(changed("a", same, f"{same}y")) == (f"…{'x' * LONGEST}", f"…{'x' * (LONGEST - 1)}y")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [("a b", "a  b", ('"a b"', '"a  b"')), (1, "1", ("1", '"1"')), (["a, b"], ["a", "b"], ('["a, b"]', '["a", "b"]'))],
)
def test_what_looks_the_same_on_one_line_is_shown_as_json(
    before: object, after: object, shown: tuple[str, str]
) -> None:
    assert differences({"a": before}, {"a": after}) == (Change(what="a", before=shown[0], after=shown[1]),)
