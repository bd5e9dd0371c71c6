"""The values that the inputs of the AWS types may have: limits.json, which `make limits` writes.

A preview checks them too, as the real provider does before it sends anything:
https://github.com/pulumi/pulumi-terraform-bridge/blob/59de6c661df1/pkg/tfbridge/provider.go (Check)
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from simulator.aws.values import is_known, mapping
from simulator.check import Checks
from simulator.cloud import as_list
from simulator.failure import RejectedError
from simulator.sdk import UNKNOWN, holds_secret, plain
from simulator.store import Properties

SCHEMAS = "https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html"
INPUTS = "https://www.pulumi.com/registry/packages/aws/api-docs/"

CODES: Mapping[str, str] = {
    "acm": "ValidationException",
    "appautoscaling": "ValidationException",
    "budgets": "InvalidParameterException",
    "cloudwatch": "InvalidParameterException",
    "ec2": "InvalidParameterValue",
    "ecr": "InvalidParameterException",
    "ecs": "InvalidParameterException",
    "iam": "ValidationError",
    "kms": "ValidationException",
    "lb": "ValidationError",
    "rds": "InvalidParameterValue",
    "route53": "InvalidInput",
    "s3": "MalformedXML",
    "scheduler": "ValidationException",
    "secretsmanager": "ValidationException",
    "ssm": "ValidationException",
    "servicediscovery": "InvalidInput",
    "sns": "InvalidParameter",
    "vpc": "InvalidParameterValue",
    "wafv2": "WAFInvalidParameterException",
}
"""The code with which the API behind each module of the type tokens refuses a value."""
SPECIAL_CODES: Mapping[tuple[str, str], str] = {
    ("kms", "tags"): "TagException",
    ("s3", "bucket"): "InvalidBucketName",
    ("s3", "tags"): "InvalidTag",
}
"""The codes for single inputs, by module and input. As those of S3, from tests/unit/simulator/recorded.json."""

Limit = Mapping[str, Any]


@dataclass(frozen=True)
class Inputs:
    """The inputs of a resource, by their wire names."""

    token: str
    values: Properties
    secret: frozenset[str] = frozenset()
    """The names of the inputs whose values no message shows."""

    @property
    def limits(self) -> Mapping[str, Limit]:
        return _table()[self.token]

    def code(self, where: str) -> str:
        module = self.token.split(":")[1].split("/")[0]
        return SPECIAL_CODES.get((module, _input(where)), CODES[module])

    def owners(self) -> Iterator[tuple[str, str, Properties]]:
        """The prefix of paths, that of locations, and the values of each mapping."""
        yield "", "", self.values
        for path, where, value, limit in self.visit():
            if limit["type"] == "object" and isinstance(value, dict):
                yield f"{path}.", f"{where}.", cast(Properties, value)

    def visit(self) -> Iterator[tuple[str, str, Any, Limit]]:
        """The path, the location, the value and the limits of each known value that has limits."""
        for key, value in self.values.items():
            yield from self._visit(key, key, value)

    def _visit(self, path: str, where: str, value: Any) -> Iterator[tuple[str, str, Any, Limit]]:
        limit = self.limits.get(path)
        is_missing = value is None and not path.endswith("[]")
        if limit is None or is_missing or value == UNKNOWN:
            return
        yield path, where, value, limit
        if limit["type"] == "array" and isinstance(value, list):
            for number, each in enumerate(cast(list[Any], value)):
                yield from self._visit(f"{path}[]", f"{where}[{number}]", each)
        if limit["type"] == "object" and isinstance(value, dict):
            for key, each in cast(dict[str, Any], value).items():
                yield from self._visit(f"{path}.{key}", f"{where}.{key}", each)
        if limit["type"] == "map" and isinstance(value, dict):
            for key, each in cast(dict[str, Any], value).items():
                if is_known(each):
                    yield f"{path}.*", f"{where}.{key}", each, {"type": "string"}

    def reason(self, where: str, value: Any, rule: str) -> str:
        hidden = _input(where) in self.secret
        shown = "" if hidden or value is None or isinstance(value, dict | list) else f" {_shown(value)}"
        return f"{self.code(where)}: {where}{shown} {rule}"


def _input(where: str) -> str:
    """The name of the input that a location is in."""
    return re.split(r"[.\[]", where)[0]


types = Checks[Inputs]("each AWS type, its inputs")
limits = Checks[Inputs]("each AWS type, its values")


def check(token: str) -> Callable[[Path, Properties], Properties]:
    """The provider's Check of a type: raises RejectedError. Numbers and booleans may come as text."""

    def checked(_: Path, inputs: Properties) -> Properties:
        values = cast(Properties, plain(inputs))
        subject = Inputs(token, values, frozenset(key for key, value in inputs.items() if holds_secret(value)))
        if reasons := [*types.reasons(subject)] or [*limits.reasons(subject)]:
            raise RejectedError("; ".join(reasons))
        return {key: _converted(subject.limits, key, value) for key, value in inputs.items()}

    return checked


@cache
def _table() -> Mapping[str, Mapping[str, Limit]]:
    return json.loads(Path(__file__).with_suffix(".json").read_text())


@types(INPUTS, confirmed="nobody")
def is_of_the_type_of_the_input(inputs: Inputs) -> Iterable[str]:
    """Each value has the type that the provider declares. Numbers and booleans may come as text, and text as either."""
    for _, where, value, limit in inputs.visit():
        if not _is_of_type(value, limit["type"]):
            yield inputs.reason(where, value, f"is {_NAMES[_type(value)]}, not {_NAMES[limit['type']]}")


@types(INPUTS, confirmed="nobody")
def has_every_required_input(inputs: Inputs) -> Iterable[str]:
    """No required input is missing."""
    for path, where, value in inputs.owners():
        for key, limit in inputs.limits.items():
            parent, name = _split(key)
            if limit.get("required") and parent == path and value.get(name) is None:
                yield inputs.reason(f"{where}{name}", {}, "is required")


@limits(SCHEMAS, confirmed="CloudFormation schema")
def is_one_of_the_set(inputs: Inputs) -> Iterable[str]:
    """A value with a closed set is one of it."""
    for _, where, value, limit in _set(inputs):
        allowed = limit.get("enum", [])
        if allowed and value not in allowed and _number(value) not in allowed:
            yield inputs.reason(where, value, f"is not one of {', '.join(str(each) for each in allowed)}")


@limits(SCHEMAS, confirmed="CloudFormation schema")
def is_within_the_range(inputs: Inputs) -> Iterable[str]:
    """A number is neither below the least nor above the greatest that AWS takes."""
    for _, where, value, limit in _set(inputs):
        number = _number(value)
        if number is not None and number < limit.get("minimum", number):
            yield inputs.reason(where, value, f"is less than {limit['minimum']}")
        if number is not None and number > limit.get("maximum", number):
            yield inputs.reason(where, value, f"is greater than {limit['maximum']}")


@limits(SCHEMAS, confirmed="CloudFormation schema")
def is_as_long_as_allowed(inputs: Inputs) -> Iterable[str]:
    """Text has neither fewer nor more characters, and a list neither fewer nor more items, than AWS takes."""
    for _, where, value, limit in _set(inputs):
        text = limit["type"] == "string"
        least, most, unit = ("minLength", "maxLength", "characters") if text else ("minItems", "maxItems", "items")
        size = len(_text(value)) if text else len(as_list(value))
        if size < limit.get(least, 0):
            yield inputs.reason(where, value, f"has fewer than {limit[least]} {unit}")
        if size > limit.get(most, size):
            yield inputs.reason(where, value, f"has more than {limit[most]} {unit}")


@limits(SCHEMAS, confirmed="CloudFormation schema")
def matches_the_pattern(inputs: Inputs) -> Iterable[str]:
    """Text matches the pattern of its kind."""
    for _, where, value, limit in _set(inputs):
        if "pattern" in limit and not re.search(limit["pattern"], _text(value)):
            yield inputs.reason(where, value, f"does not match {limit['pattern']}")


@limits(SCHEMAS, confirmed="cfn-lint")
def has_no_empty_items(inputs: Inputs) -> Iterable[str]:
    """No text in a list is empty."""
    for path, where, value, _ in inputs.visit():
        if path.endswith("[]") and value == "":
            yield inputs.reason(where, value, "is empty")


@limits("https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html", confirmed="cfn-lint")
def tags_are_those_that_aws_takes(inputs: Inputs) -> Iterable[str]:
    """A resource has up to 50 tags, keys up to 128 characters that do not begin with aws:, values up to 256."""
    tags = mapping(inputs.values.get("tags"))
    if len(tags) > 50:
        yield f"{inputs.code('tags')}: tags can have at most 50 items, not {len(tags)}"
    for key, value in tags.items():
        if key.lower().startswith("aws:") or not re.fullmatch(r"[\w\s.:/=+\-@]{1,128}", key):
            yield f"{inputs.code('tags')}: the tag key {key!r} is reserved or invalid"
        if is_known(value) and not re.fullmatch(r"[\w\s.:/=+\-@]{0,256}", str(value)):
            yield f"{inputs.code('tags')}: the value of the tag {key!r} is invalid"


def _set(inputs: Inputs) -> Iterator[tuple[str, str, Any, Limit]]:
    """Without empty optional text, which the provider takes as not set."""
    return (each for each in inputs.visit() if each[2] != "" or each[3].get("required") or each[0].endswith("[]"))


_NAMES = {
    "array": "a list",
    "boolean": "a boolean",
    "map": "a mapping",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "text",
}


def _type(value: Any) -> str:
    kinds = {type(None): "null", bool: "boolean", str: "string", list: "array", dict: "object"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "number")


def _is_of_type(value: Any, kind: str) -> bool:
    match kind:
        case "string":
            return value is not None and not isinstance(value, dict | list)
        case "number":
            return _number(value) is not None
        case "boolean":
            return isinstance(value, bool) or value in ("true", "false")
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _number(value: Any) -> float | None:
    """The value as a number; None if it is none."""
    if isinstance(value, bool | dict | list) or value is None:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def _converted(limits: Mapping[str, Limit], path: str, value: Any) -> Any:
    """The value with numbers and booleans in where of their text."""
    kind = limits.get(path, {}).get("type")
    if isinstance(value, list):
        return [_converted(limits, f"{path}[]", each) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        return {key: _converted(limits, f"{path}.{key}", each) for key, each in cast(dict[str, Any], value).items()}
    if value in ("true", "false") and kind == "boolean":
        return value == "true"
    if kind == "number" and isinstance(value, str) and (number := _number(value)) is not None:
        return number
    return _text(value) if kind == "string" and value is not None else value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else _shown(value)


def _shown(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else repr(value)


def _split(path: str) -> tuple[str, str]:
    parent, _, name = path.rpartition(".")
    return f"{parent}." if parent else "", name
