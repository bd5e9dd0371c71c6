"""The JSON Schema of a stack file, for editors that complete and check it: `make schema` writes it."""

from __future__ import annotations

import json

from faults import KEY
from settings import json_schema


def text() -> str:
    ours = {**json_schema()}
    definitions = ours.pop("$defs")
    config = {
        "type": "object",
        "properties": {"aws:region": {"type": "string"}, KEY: {"$ref": "#/$defs/Settings"}},
        "required": ["aws:region", KEY],
    }
    return json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {"config": config},
            "required": ["config"],
            "$defs": {**definitions, "Settings": ours},
        },
        indent=2,
    )


if __name__ == "__main__":
    print(text())
