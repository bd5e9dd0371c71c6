"""Problems in a configuration, each reported as one line: its location, the value and what would be valid."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pulumi
from pydantic_core import ErrorDetails

SIMILAR = 0.75
"""The ratio of difflib from which on a name is offered."""


class UserError(pulumi.RunError):
    """An error that the user can fix. The message has one line for each problem and is shown without a traceback.

    Commands catch its base class, RunError: a program loaded from another checkout defines its own UserError class.
    """


@dataclass(frozen=True, kw_only=True)
class Locations:
    """Where the keys of a file are. Empty when the file is unknown."""

    lines: Mapping[str, int] = field(default_factory=dict[str, int])
    """The line of each key by its path, as in Problem.path; of an item of a list, by its index."""
    scalars: Mapping[str, str] = field(default_factory=dict[str, str])
    """The text of each scalar that is not in quotes, by its path."""

    def line(self, path: str) -> int:
        """The line of the key, or of the innermost mapping around a missing one; 0 when it is unknown."""
        while path and path not in self.lines:
            path = path.rpartition(".")[0]
        return self.lines.get(path, 0)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One problem in a stack file."""

    path: str
    """The path of the key, such as `network.zones`; empty for the whole mapping."""
    value: object = None
    """The invalid value. None is not shown: the key is missing, or the value could be a secret."""
    valid: str
    """What would be valid, in sentences: `must be ...` after a value, `missing. ...`, `no such key. ...`."""

    def below(self, key: str) -> Problem:
        """The same problem with this key prepended to its path."""
        return replace(self, path=f"{key}.{self.path}" if self.path else key)

    def line(self, file: str, locations: Locations | None = None) -> str:
        """The message, with the key's line in the file if it is known."""
        known = locations or Locations()
        line = known.line(self.path)
        shown = "" if self.value is None else f" is {self._value(known)}"
        return f"{file}{f':{line}' * bool(line)}: {self.path}{shown}: {self.valid}"

    def _value(self, known: Locations) -> str:
        """The value as JSON; a number as the file has it, such as 052812345678."""
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if is_number and self.path in known.scalars:
            return known.scalars[self.path]
        return json.dumps(self.value, default=str)


def step(name: str) -> str:
    """One step of a path, quoted unless it is a plain word, so that a message stays one line."""
    return name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, if one is similar: transposed letters first, then the closest one."""
    plain = name.casefold().replace("_", "-")
    scores: list[tuple[bool, float, str]] = []
    for each in names:
        other = each.casefold().replace("_", "-")
        ratio = difflib.SequenceMatcher(None, plain, other).ratio()
        is_transposed = sorted(plain) == sorted(other)
        if is_transposed or ratio >= SIMILAR:
            scores.append((not is_transposed, -ratio, each))
    return min(scores)[2] if scores else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A sentence with the name that was probably meant, and a space before it; empty if none is similar."""
    found = nearest(name, names)
    return f" Did you mean {found}?" if found else ""


def from_pydantic(details: Iterable[ErrorDetails], schema: dict[str, Any]) -> tuple[list[Problem], set[str]]:
    """Converts Pydantic's errors, and returns the paths of the keys that are probably there, but misspelt.

    `schema` is the JSON Schema of the validated mapping. No problem says that a misspelt key is missing.
    """
    errors = list(details)
    misspelt: set[str] = set()
    problems: list[Problem] = []
    for each in errors:
        if each["type"] == "extra_forbidden":
            problem, meant = _unknown_key(each, schema)
            problems.append(problem)
            misspelt |= {meant} if meant else set()
    for each in errors:
        path = _path(each)
        if each["type"] == "extra_forbidden" or (each["type"] == "missing" and path in misspelt):
            continue
        if each["type"] == "too_short" and len(each["input"]) >= each.get("ctx", {})["min_length"]:
            continue  # an item is invalid, which has a problem of its own
        if each["type"] == "missing" and any(meant.startswith(f"{path}.") for meant in misspelt):
            continue
        problems.append(_problem(each, path, schema))
    return problems, misspelt


def _path(detail: ErrorDetails) -> str:
    return ".".join(step(str(each)) for each in detail["loc"])


def _unknown_key(detail: ErrorDetails, schema: dict[str, Any]) -> tuple[Problem, str | None]:
    *above, key = [str(each) for each in detail["loc"]]
    keys = _node(above, schema).get("properties", {})
    close = nearest(key, keys)
    within = [*above, close] if close else next((path for path in _paths(schema) if path[-1] == key), None)
    meant = ".".join(map(step, within)) if within else None
    hint = f" Did you mean {close or meant}?" if meant else ""
    valid = f"no such key.{hint} {_keys(_node(above, schema))}"
    return Problem(path=_path(detail), valid=valid), meant


def _problem(detail: ErrorDetails, path: str, schema: dict[str, Any]) -> Problem:
    location = [str(each) for each in detail["loc"]]
    node, context = _node(location, schema), detail.get("ctx", {})
    # Not shown: the whole file, and a value under `secrets`, which may be a secret instead of its ARN.
    redacted = location[:1] in ([], ["secrets"])
    value: object = None if redacted or isinstance(detail["input"], dict) else detail["input"]
    described = str(node.get("description", "a text"))
    match detail["type"]:
        case "missing":
            known = "properties" in node or "description" not in node
            return Problem(path=path, valid=f"missing. {_keys(node) if known else f'It must be {described}.'}")
        case "model_type" | "dict_type" | "model_attributes_type":
            # A text in place of a mapping is not shown: it may be a connection string or a password.
            shown = None if isinstance(value, str | list) else value
            return Problem(path=path, value=shown, valid=f"must be a mapping. {_keys(node)}")
        case "tuple_type" | "list_type":
            items = _node([*location, "0"], schema).get("description", "a text")
            return Problem(path=path, value=value, valid=f"must be a list. Each item is {items}.")
        case "string_type" if isinstance(value, bool | int | float):
            kind = "true or false" if isinstance(value, bool) else "a number"
            quoted = "" if "in quotes" in described else ", in quotes"
            return Problem(path=path, value=value, valid=f"must be {described}{quoted}. Without quotes it is {kind}.")
        case "too_short" | "too_long":
            few = detail["type"] == "too_short"
            bound = f"at least {context['min_length']}" if few else f"at most {context['max_length']}"
            plural = "" if bound.endswith(" 1") else "s"
            return Problem(path=path, value=value, valid=f"must have {bound} item{plural}.")
        case "greater_than_equal":
            return Problem(path=path, value=value, valid=f"must be at least {context['ge']}.")
        case "less_than_equal":
            return Problem(path=path, value=value, valid=f"must be at most {context['le']}.")
        case "int_type" | "int_from_float" | "int_parsing" | "int_parsing_size":
            quotes = ", without quotes" if isinstance(value, str) and re.fullmatch("-?[0-9]+", value) else ""
            return Problem(path=path, value=value, valid=f"must be an integer{quotes}.")
        case "bool_type":
            quotes = ", without quotes" if value in ("true", "false") else ""
            return Problem(path=path, value=value, valid=f"must be true or false{quotes}.")
        case "literal_error" | "enum":
            options = [str(each) for each in node.get("enum", ())]
            listed = " or ".join(filter(None, [", ".join(options[:-1]), options[-1]]))
            hint = did_you_mean(value, options) if isinstance(value, str) else ""
            return Problem(path=path, value=value, valid=f"must be {listed}.{hint}")
        case "vpc_cidr":
            return Problem(path=path, value=value, valid=f"must be {detail['msg']}.")
        case _:
            return Problem(path=path, value=value, valid=f"must be {described}.")


def _keys(node: dict[str, Any]) -> str:
    """A sentence with the keys of a mapping."""
    if "properties" in node:
        return f"The keys are {', '.join(sorted(node['properties']))}."
    return "The keys are names of services."


def _paths(schema: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """The paths of the keys in nested mappings with fixed keys."""
    for key in _node(above, schema).get("properties", {}):
        path = (*above, key)
        if len(path) > 1:
            yield list(path)
        if "properties" in _node(path, schema):
            yield from _paths(schema, path)


def _node(path: Iterable[str], schema: dict[str, Any]) -> dict[str, Any]:
    """The JSON Schema of the value at this path."""
    node: dict[str, Any] = schema
    for each in path:
        node = node.get("properties", {}).get(each) or node.get("additionalProperties") or node.get("items") or {}
        options: list[dict[str, Any]] = node.get("anyOf", [])
        option = next((option for option in options if option.get("type") != "null"), None)
        # The description of a field is beside its alternatives.
        node = {**{key: value for key, value in node.items() if key == "description"}, **option} if option else node
        if "$ref" in node:
            node = cast(dict[str, Any], schema["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    return node
