from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.diff.differences import LONGEST, Change, differences, shown

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


def test_a_digest_is_shown_by_twelve_digits_and_a_long_value_by_its_beginning() -> None:
    assert shown(f"mrgnl-x@sha256:{'ab' * 32}") == "mrgnl-x@sha256:abababababab"
    assert shown("x " * LONGEST) == f"{('x ' * LONGEST)[:LONGEST]}…"
    assert shown("two\nlines") == "two lines"
