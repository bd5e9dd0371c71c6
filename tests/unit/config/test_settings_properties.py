"""Property: any stack file is accepted, or rejected with lines that name the file and the key."""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import SettingsError, parse
from config.settings import Settings
from tests.declared import CATALOGUE, REGION, ROOT, SMALL_STACK

FILE = "Pulumi.test.yaml"
SCHEMA: dict[str, Any] = Settings.model_json_schema()
KEYS = sorted({key for each in (SCHEMA, *SCHEMA["$defs"].values()) for key in each.get("properties", {})})

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from([*CATALOGUE.names, "10.0.0.0/16", "us-east-1a", "x" * 64, "0" * 12]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*KEYS, *CATALOGUE.names, "default"]) | st.text(max_size=8), inner, max_size=4
        )
    ),
    max_leaves=8,
)


def outcome(stack: Any) -> Settings | str:
    try:
        return parse(json.dumps(stack), region=REGION, file=FILE, catalogue=CATALOGUE, root=ROOT)
    except SettingsError as error:
        return str(error)


@given(changes=st.dictionaries(st.sampled_from(sorted(SCHEMA["properties"])), values, max_size=3))
@settings(deadline=None, max_examples=200)
def test_a_stack_file_with_any_values_is_accepted_or_rejected_line_by_line(changes: dict[str, Any]) -> None:
    found = outcome({**yaml.safe_load(SMALL_STACK), **changes})
    if isinstance(found, str):
        assert found
        for line in found.splitlines():
            assert line.startswith(f"{FILE}: marginalia:stack")


@given(stack=values)
@settings(deadline=None, max_examples=100)
def test_any_value_of_the_stack_key_is_accepted_or_rejected_line_by_line(stack: Any) -> None:
    found = outcome(stack)
    assert isinstance(found, str)
    assert found.startswith(f"{FILE}: marginalia:stack")
