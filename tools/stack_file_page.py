"""docs/stack-file.md: every key of a stack file, from config/settings.py and config/rules.py."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple, cast, get_args

import yaml

from config.rules import RULES
from config.section import Section
from config.settings import Settings, json_schema
from config.size import SIZE, SizeChange
from config.stackfile import KEY
from ecs import network
from ecs.fargate import MEMORY, describe
from tools import docstrings

INTRODUCTION = f"""\
# Stack file reference

<!-- make generate writes this page from config/settings.py and config/rules.py -->

A stack is `Pulumi.<stack>.yaml`. Under `config` it has `aws:region` and the one key `{KEY}`, a mapping of the
keys below. Unknown keys are rejected and values are not converted: a number in quotes is text. An editor that reads the
first line of a committed stack file completes and checks the keys. Problems are reported one line each, before anything
changes; a rule between keys runs once the keys that it names are valid.
"""
EGRESS = """\
## Egress modes
"""
SIZES = """\
## Fargate's sizes
"""
RULES_INTRODUCTION = """\
## Rules between keys

A stack file also keeps these rules:
"""


MISSING = "no docstring"
"""In place of a meaning. A test fails on it."""
BELOW = object()
"""Stands for the defaults of a mapping's keys, which the mapping's own table has."""


class Key(NamedTuple):
    path: str
    type: str
    default: object
    """None when there is no default to show."""
    required: bool
    example: object
    meaning: str
    section: str | None
    """The class of its value, when that is a mapping of keys or, in `sizes`, when each of its values is one."""

    @property
    def inside(self) -> str:
        """The path of the keys in its value."""
        return f"{self.path}.<service>" if self.type.startswith("mapping;") else self.path


def page() -> str:
    tables = [_table(keys) for keys in sections().values()]
    sizes = [f"- {describe(cpu)[0].upper()}{describe(cpu)[1:]}." for cpu in MEMORY]
    parts = [*tables, EGRESS, *_egress_modes(), "", SIZES, *sizes, "", RULES_INTRODUCTION, *_rules()]
    return "\n".join([INTRODUCTION, *parts]) + "\n"


def sections() -> dict[str, list[Key]]:
    """The keys of each mapping by the name of its class in config/settings.py, the outermost first."""
    found: dict[str, list[Key]] = {}
    pending = [("", Settings.__name__)]
    for path, section in pending:
        found[section] = list(_keys(path, section))
        pending += [(key.inside, key.section) for key in found[section] if key.section]
    return found


def _keys(path: str, section: str) -> Iterator[Key]:
    schema = json_schema() if section == Settings.__name__ else json_schema()["$defs"][section]
    meanings = _docstrings(_class(section))
    for name, declared in schema["properties"].items():
        node = _resolved(declared)
        inner = _section(node)
        default = SIZE[name] if section == SizeChange.__name__ else declared.get("default")
        yield Key(
            path=f"{path}.{name}" if path else name,
            type=_type(node),
            default=BELOW if inner and default else default,
            required=name in schema.get("required", ()),
            example=None if inner and "examples" not in declared else _example(declared, node, default),
            meaning=meanings.get(name, MISSING),
            section=inner,
        )


def _class(name: str) -> type[Section]:
    """The section of a stack file with this name; bootstrap has sections of its own."""
    [found] = [
        each for each in Section.__subclasses__() if each.__name__ == name and each.__module__.startswith("config.")
    ]
    return found


def _egress_modes() -> Iterator[str]:
    """A line for each mode, from the docstring of Egress."""
    body = ast.parse(inspect.getsource(network)).body
    [text] = [
        text.value.value
        for declared, text in pairwise(body)
        if isinstance(declared, ast.Assign) and ast.unparse(declared.targets[0]) == "Egress"
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str)
    ]
    for mode in get_args(network.Egress):
        meaning = re.search(rf"^{mode}: (.+)$", text, re.MULTILINE)
        yield f"- `{mode}`: {meaning[1] if meaning else MISSING}"


def _docstrings(section: type[Section]) -> Mapping[str, str]:
    """The docstring below each field, by the field's key."""
    keys = {name: field.alias or name for name, field in section.model_fields.items()}
    return {keys[name]: text for name, text in docstrings.of_fields(section).items() if name in keys}


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """The schema without the alternative of null."""
    return next((each for each in node.get("anyOf", ()) if each.get("type") != "null"), node)


def _section(node: Mapping[str, Any]) -> str | None:
    values = node.get("additionalProperties")
    reference = (cast(Mapping[str, Any], values) if isinstance(values, dict) else node).get("$ref", "")
    return reference.rsplit("/", 1)[-1] or None


def _type(node: Mapping[str, Any]) -> str:
    if "enum" in node:
        return f"one of {', '.join(f'`{value}`' for value in node['enum'])}"
    bounds = _bounds(node)
    match node.get("type"):
        case "integer" | "number" as kind:
            return f"{kind}{bounds}"
        case "boolean":
            return "`true` or `false`"
        case "array":
            return f"list{bounds}; each item: {_type(node['items'])}"
        case "object" if isinstance(values := node.get("additionalProperties"), dict):
            return f"mapping; each value: {_type(cast(Mapping[str, Any], values))}"
        case "string":
            return node.get("description", "text").replace("<", "&lt;")
        case _:
            return "mapping"


def _bounds(node: Mapping[str, Any]) -> str:
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    if above is not None:
        high = f", below {below}" if below is not None else f", at most {node['maximum']}" if "maximum" in node else ""
        return f", above {above}{high}"
    low = node.get("minimum", node.get("minItems"))
    high = node.get("maximum", node.get("maxItems"))
    if low is not None and high is not None:
        return f", {low} to {high}"
    return f", at least {low}" if low is not None else f", at most {high}" if high is not None else ""


def _example(declared: Mapping[str, Any], node: Mapping[str, Any], default: object) -> object:
    """The field's own example, the one in its description, another value than the default, or the default."""
    if "examples" in declared:
        return declared["examples"][0]
    if found := re.search(r"such as (\S+)$", node.get("description", "")):
        return found[1]
    if node.get("type") == "boolean":
        return not default
    return next((value for value in node.get("enum", ()) if value != default), default)


def _table(keys: list[Key]) -> str:
    heading = keys[0].path.rpartition(".")[0]
    title = f"## `{heading}`" if heading else "## The keys"
    return "\n".join(
        [title, "", "| key | type | default | example | meaning |", "|---|---|---|---|---|", *map(_row, keys), ""]
    )


def _row(key: Key) -> str:
    name = key.path.rpartition(".")[2]
    default = "required" if key.required else "below" if key.default is BELOW else _code(key.default) or "none"
    example = "" if key.example is None else _code({name: key.example}, braces=False)
    return f"| `{key.path}` | {key.type} | {default} | {example} | {key.meaning} |"


def _code(value: object, *, braces: bool = True) -> str:
    if value is None:
        return ""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).strip().removesuffix("\n...")
    return f"`{text if braces else text[1:-1]}`"


def _rules() -> Iterator[str]:
    found = sections()
    for rule in RULES:
        parent = found[rule.section.__name__][0].path.rpartition(".")[0]
        keys = [rule.section.model_fields[name].alias or name for name in rule.keys]
        named = ", ".join(f"`{parent}.{key}`" if parent else f"`{key}`" for key in keys)
        yield f"- {rule.check.__name__.replace('_', ' ').capitalize()} ({named})."
