"""Problems in a configuration, each reported as one line: its location, the value and what would be valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import pulumi
from pydantic_core import ErrorDetails


class UserError(pulumi.RunError):
    """An error that the user can fix. The message has one line for each problem and is shown without a traceback.

    Commands catch its base class, RunError: a program loaded from another checkout defines its own UserError class.
    """


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem in a stack file."""

    path: str
    """The path of the key, such as `network.zones`; empty for the whole mapping."""
    value: object
    """The invalid value. None is not shown: the key is missing, or the value could be a secret."""
    valid: str
    """What would be valid."""

    def below(self, key: str) -> Problem:
        """The same problem with this key prepended to its path."""
        return replace(self, path=f"{key}.{self.path}" if self.path else key)

    def line(self, file: str) -> str:
        shown = "" if self.value is None else f" is {json.dumps(self.value, default=str)}"
        return f"{file}: {self.path}{shown}: {self.valid}"


def step(name: str) -> str:
    """One step of a path, quoted unless it is a plain word, so that a message stays one line."""
    return name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)


def from_pydantic(detail: ErrorDetails, schema: dict[str, Any]) -> Problem:
    """Converts a Pydantic error. `schema` is the JSON Schema of the validated mapping."""
    location = [str(each) for each in detail["loc"]]
    path = ".".join(map(step, location))
    # Not shown: the whole file, and a value under `secrets`, which may be a secret instead of its ARN.
    redacted = location[:1] in ([], ["secrets"])
    value = None if redacted or isinstance(detail["input"], dict) else detail["input"]
    match detail["type"]:
        case "missing":
            return Problem(path=path, value=None, valid=f"missing; {_valid(location, schema)}")
        case "extra_forbidden":
            return Problem(path=path, value=None, valid=f"no such key; {_valid(location[:-1], schema)}")
        case "string_pattern_mismatch" | "string_type" | "string_too_short" | "string_too_long" | "value_error":
            return Problem(path=path, value=value, valid=_valid(location, schema))
        case "model_type" | "dict_type":
            return Problem(path=path, value=value, valid=f"a mapping; {_valid(location, schema)}")
        case "too_short" | "too_long":
            valid = detail["msg"].replace("Tuple", "the list").replace(" after validation", "")
            return Problem(path=path, value=value, valid=valid)
        case _:
            return Problem(path=path, value=value, valid=detail["msg"].replace("Input should be", "must be"))


def _valid(path: Iterable[str], schema: dict[str, Any]) -> str:
    """Describes the valid values at this path, from the JSON Schema."""
    node: dict[str, Any] = schema
    for each in path:
        node = node.get("properties", {}).get(each) or node.get("additionalProperties") or node.get("items") or {}
        options: list[dict[str, Any]] = node.get("anyOf", [])
        node = next((option for option in options if option.get("type") != "null"), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if "properties" in node:
        return f"the keys are {', '.join(sorted(node['properties']))}"
    fallback = "each service by its name" if node.get("type") == "object" else f"a {node.get('type', 'value')}"
    return node.get("description", fallback)
