"""The valid types and values of an entry's fields, and how a message shows a value."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from config.problems import did_you_mean


def shown(value: object) -> str:
    """The value as services.py would have it."""
    match value:
        case str():
            return json.dumps(value)
        case None | bool() | int() | float():
            return repr(value)
        case list() | tuple():
            items = [shown(each) for each in cast("list[object] | tuple[object, ...]", value)]
            if isinstance(value, list):
                return f"[{', '.join(items)}]"
            return f"({', '.join(items)}{',' * (len(items) == 1)})"
        case _:
            return kind(value)


def kind(value: object) -> str:
    """The kind of a value that is not shown."""
    if value is None or isinstance(value, bool):
        return repr(value)
    kinds: dict[type[Any], str] = {str: "a text", int: "a number", float: "a number"}
    name = type(value).__name__
    return kinds.get(type(value), f"{'an' if name[0] in 'AEIOU' else 'a'} {name}")


def is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def are_texts(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(each, str) for each in cast(tuple[object, ...], value))


def _are_variables(value: object) -> bool:
    pairs = cast(Mapping[object, object], value).items() if isinstance(value, Mapping) else [(0, 0)]
    return all(isinstance(name, str) and isinstance(each, str) for name, each in pairs)


def _accepted(_: object) -> bool:
    return True


def _nothing(_: object) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Field:
    """The valid values of one field of an entry or a job."""

    valid: str
    """What would be valid, after `must be`."""
    has_type: Callable[[object], bool]
    is_valid: Callable[[Any], bool] = _accepted
    """Called for a value of that type only."""
    hint: Callable[[Any], str] = _nothing
    """A further sentence about an invalid value of that type, with a space before it; empty without one."""


PROTOCOLS = ("grpc", "http")
NAME = "a text of 2 to 20 lower-case letters and digits, a letter first, single hyphens between them"
FIELDS: Mapping[str, Field] = {
    "name": Field(
        valid=NAME,
        has_type=is_text,
        is_valid=lambda name: bool(re.fullmatch(r"(?=.{2,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", name)),
    ),
    "port": Field(
        valid="a number from 1024 to 65535, as the process is not root",
        has_type=_is_number,
        is_valid=lambda port: 1024 <= port <= 65535,
    ),
    "protocol": Field(
        valid='"grpc" or "http"',
        has_type=is_text,
        is_valid=PROTOCOLS.__contains__,
        hint=lambda protocol: did_you_mean(protocol, PROTOCOLS),
    ),
    "database": Field(valid="True or False", has_type=_is_flag),
    "migrate": Field(valid="True or False", has_type=_is_flag),
    "bucket": Field(valid="True or False", has_type=_is_flag),
    "calls": Field(valid='a tuple of service names, such as ("authsvc",)', has_type=are_texts),
    "public": Field(valid="True or False", has_type=_is_flag),
    "environment": Field(valid='a dict of texts, such as {"LOG_LEVEL": "info"}', has_type=_are_variables),
    "secrets": Field(valid='a tuple of variable names, such as ("API_KEY",)', has_type=are_texts),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    "health_path": Field(
        valid='a path without spaces, such as "/healthz"',
        has_type=is_text,
        is_valid=lambda path: bool(re.fullmatch("/[!-~]{0,1023}", path)),
    ),
}
"""The fields of Entry."""

REQUIRED = ("name", "port")
"""The fields without a default."""
