from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.changes.differences import LEAD, LONGEST, Change, changed, differences, excerpts
from review.deployment.values import text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(JSON)
def test_a_value_has_no_differences_from_itself(value: object) -> None:
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
        ({"a": []}, {"a": ["x"]}, [("a", None, "x")]),
        ({"a": True}, {"a": False}, [("a", "true", "false")]),
    ],
)
def test_a_difference_has_the_path_of_its_property(
    before: object, after: object, changes: list[tuple[str, str | None, str | None]]
) -> None:
    assert differences(before, after) == tuple(Change(property=w, before=b, after=a) for w, b, a in changes)


def test_text_shortens_a_digest_and_joins_lines() -> None:
    assert text(f"mrgnl-x@sha256:{'ab' * 32}") == "mrgnl-x@sha256:abababababab"
    assert text("two\nlines") == "two lines"


def test_an_excerpt_of_long_values_shows_the_first_difference() -> None:
    same = "x" * 2 * LONGEST
    [found] = differences({"a": f"{same}1{same}"}, {"a": f"{same}2"})
    assert found == Change(property="a", before=f"{same}1{same}", after=f"{same}2")
    assert excerpts(found) == (f"…{'x' * LEAD}1{'x' * (LONGEST - LEAD - 1)}…", f"…{'x' * (LONGEST - 1)}2")


def test_an_excerpt_of_a_new_long_value_is_its_beginning() -> None:
    assert excerpts(changed("a", None, "x" * 2 * LONGEST)) == (None, f"{'x' * LONGEST}…")


def test_an_excerpt_of_a_longer_value_shows_its_end() -> None:
    same = "x" * 2 * LONGEST
    assert excerpts(changed("a", same, f"{same}y")) == (f"…{'x' * LONGEST}", f"…{'x' * (LONGEST - 1)}y")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [("a b", "a  b", ('"a b"', '"a  b"')), (1, "1", ("1", '"1"')), (["a, b"], ["a", "b"], ('["a, b"]', '["a", "b"]'))],
)
def test_different_values_with_the_same_text_are_shown_as_json(
    before: object, after: object, shown: tuple[str, str]
) -> None:
    assert differences({"a": before}, {"a": after}) == (Change(property="a", before=shown[0], after=shown[1]),)
