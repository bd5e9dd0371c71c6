"""Writes simulator/aws/limits.json: which values each input of a simulated type may have.

The inputs and their types are those of pulumi-aws; the limits those of CloudFormation's schemas, in cfn-lint.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ecs import types
from simulator.aws import TYPES
from tools.cloudformation import KINDS, Kind
from tools.provider_inputs import Input, inputs

FILE = Path(__file__).parent.parent / "simulator" / "aws" / "limits.json"
REGION = "us-east-1"
LIMITS: Mapping[str, tuple[str, ...]] = {
    "enum": ("number", "string"),
    "pattern": ("string",),
    "minLength": ("string",),
    "maxLength": ("string",),
    "minimum": ("number",),
    "maximum": ("number",),
    "minItems": ("array",),
    "maxItems": ("array",),
}
"""The types of values that each limit applies to."""
ELSEWHERE = {(types.SECURITY_GROUP, "description"), (types.TARGET_GROUP, "healthCheck.path")}
"""Inputs whose limits a check of the type has, with AWS's own message."""
PROVIDERS: Mapping[tuple[str, str], object] = {
    # Never expires: https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/logs/group.go
    (types.LOG_GROUP, "retentionInDays"): 0,
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    (types.SERVICE, "propagateTags"): "NONE",
    (types.SERVICE, "launchType"): "MANAGED_INSTANCES",
    # https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/s3/bucket_versioning.go
    (types.BUCKET_VERSIONING, "versioningConfiguration.status"): "Disabled",
}
"""Values that the API or the provider takes and CloudFormation does not."""
LONGEST = 256
"""Characters of a pattern that a message can show."""

Node = Mapping[str, Any]


def text() -> str:
    """One line for each input, so that a change of the sources is a readable difference."""
    return "{\n" + ",\n".join(_kind(token) for token in sorted(TYPES) if token.startswith("aws:")) + "\n}\n"


def _kind(token: str) -> str:
    found = inputs(token)
    kind = KINDS.get(token)
    root: Node = schema(kind.resource) if kind else {}
    lines = [
        f'"{path}": {json.dumps(_limits((token, path), each, kind, root))}' for path, each in sorted(found.items())
    ]
    return f'"{token}": {{\n' + ",\n".join(lines) + "\n}"


def _limits(key: tuple[str, str], input: Input, kind: Kind | None, schema: Node) -> Node:
    required = {"required": True} if input.required else {}
    node: Node = _resolve(find(kind, schema, key[1]), schema) if kind and key not in ELSEWHERE else {}
    limits = dict(_of(node, input.kind))
    if key in PROVIDERS:
        limits["enum"] = [PROVIDERS[key], *limits["enum"]]
    return {"type": input.kind, **required, **limits}


def _of(node: Node, kind: str) -> Iterator[tuple[str, Any]]:
    """The limits of a node that a value of this kind can meet or miss."""
    for key, kinds in LIMITS.items():
        if key in node and kind in kinds and (key != "pattern" or is_usable(node[key])):
            yield key, node[key]


def is_usable(pattern: str) -> bool:
    r"""Python's `re` has no `\p{...}` of Unicode."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return len(pattern) <= LONGEST


def find(kind: Kind, schema: Node, path: str) -> Node:
    """The node of a schema for a path in Pulumi; empty if there is none."""
    node: Node = schema
    for name in cloudformation_path(kind, schema, path):
        node = _child(_resolve(node, schema), name, schema)
    return node


def cloudformation_path(kind: Kind, schema: Node, path: str) -> list[str]:
    """The names from the schema's root to the property of a path in Pulumi; one that nothing has if there is none."""
    found: list[str] = []
    node: Node = schema
    so_far = ""
    for part in path.split("."):
        so_far = f"{so_far}.{part}" if so_far else part
        plain = so_far.removesuffix("[]")
        name = kind.names.get(plain, _same_name(_resolve(node, schema), part.removesuffix("[]")))
        if name.startswith("/"):
            found, node, name = [], schema, name[1:]
        elif not name and any(each.startswith(f"{plain}.") for each in kind.names):
            continue
        for each in name.split("."):
            found.append(each)
            node = _child(_resolve(node, schema), each, schema)
        if part.endswith("[]") and _resolve(node, schema).get("type") == "array":
            found.append("[]")
            node = _resolve(node, schema).get("items", {})
    return found


def _same_name(node: Node, name: str) -> str:
    return next((each for each in node.get("properties", {}) if each.lower() == name.lower()), "")


def _child(node: Node, name: str, schema: Node) -> Node:
    if name == "[]":
        return node.get("items", {})
    child = node.get("properties", {}).get(name.removesuffix("[]"), {})
    return _resolve(child, schema).get("items", {}) if name.endswith("[]") else child


def _resolve(node: Node, schema: Node) -> Node:
    while "$ref" in node:
        target: Any = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


@cache
def schema(resource: str) -> Node:
    """The schema of a resource type, as cfn-lint has it."""
    manager = import_module("cfnlint.schema.manager").PROVIDER_SCHEMA_MANAGER
    return manager.get_resource_schema(REGION, resource).schema


def main() -> int:
    FILE.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
