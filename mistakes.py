"""What is wrong with a stack file, in words: the file, the key's path, the value and what would be valid."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from services import Catalogue, Entry

KEY = "marginalia:stack"
"""The one key that everything of ours stands under."""


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """One reading of a stack file: what it is held against, and what was found so far."""

    catalogue: Catalogue
    root: Path
    """The folder of the program, which build contexts are relative to."""
    region: str
    file: str
    messages: list[str] = field(default_factory=list[str])

    def refuse(self, path: str, value: object, valid: str) -> None:
        """Notes a mistake under our key."""
        self.note(f"{KEY}{'.' if path else ''}{path}", value, valid)

    def note(self, path: str, value: object, valid: str) -> None:
        """Notes a mistake. A value of None is not shown: there is none, or it could be a secret."""
        shown = "" if value is None else f" is {json.dumps(value, default=str)}"
        self.messages.append(f"{self.file}: {path}{shown}: {valid}")

    def known(self, path: str, names: Iterable[str]) -> list[Entry]:
        """The entries of these names. A name that is not in the catalogue is a mistake."""
        for name in names:
            if name not in self.catalogue:
                self.refuse(
                    f"{path}.{_step(name)}", None, f"no such service; there are {', '.join(self.catalogue.names)}"
                )
        return [entry for entry in self.catalogue if entry.name in names]

    def refuse_field(self, detail: ErrorDetails, schema: dict[str, Any]) -> None:
        """Notes what Pydantic found, in the words of a stack file."""
        location = [str(step) for step in detail["loc"]]
        if detail["type"] == "refused":  # a default that is no good is found under the field's own name
            location = [step.replace("_", "-") if step.islower() else step for step in location]
        path = ".".join(map(_step, location))
        unsafe = location[:1] in ([], ["secrets"])  # the whole file, or where a value may have been put for its ARN
        value = None if unsafe or isinstance(detail["input"], dict) else detail["input"]
        match detail["type"]:
            case "missing":
                self.refuse(path, None, f"missing; {_valid(location, schema)}")
            case "extra_forbidden":
                self.refuse(path, None, f"no such key; {_valid(location[:-1], schema)}")
            case "string_pattern_mismatch" | "string_type" | "string_too_short" | "string_too_long" | "value_error":
                self.refuse(path, value, _valid(location, schema))
            case "model_type" | "dict_type":
                self.refuse(path, value, f"a mapping; {_valid(location, schema)}")
            case "too_short" | "too_long":
                self.refuse(path, value, detail["msg"].replace("Tuple", "the list").replace(" after validation", ""))
            case _:
                message = detail["msg"].replace("Input should be", "must be")
                self.refuse(path, value, message)


def _step(name: str) -> str:
    """A step of a path; one that is no plain word in quotes, so that a message stays one line."""
    return name if re.fullmatch(r"[\w-]+", name) else json.dumps(name)


def _valid(path: Iterable[str], schema: dict[str, Any]) -> str:
    """What would be valid at this path, as the JSON Schema says it."""
    node: dict[str, Any] = schema
    for step in path:
        node = node.get("properties", {}).get(step) or node.get("additionalProperties") or node.get("items") or {}
        options: list[dict[str, Any]] = node.get("anyOf", [])
        node = next((option for option in options if option.get("type") != "null"), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if "properties" in node:
        return f"the keys are {', '.join(sorted(node['properties']))}"
    fallback = "each service by its name" if node.get("type") == "object" else f"a {node.get('type', 'value')}"
    return node.get("description", fallback)
