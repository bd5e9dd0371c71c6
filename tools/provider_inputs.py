"""The inputs of a resource type of pulumi-aws, as its SDK declares them."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

OPEN = {"WebAclRuleStatementArgs"}
"""Classes whose fields are left out: a statement of AWS WAF contains statements without end."""
_KINDS: Mapping[Any, str] = {bool: "boolean", float: "number", int: "number", str: "string"}


@dataclass(frozen=True)
class Input:
    kind: str
    """A type of JSON, or `map` for an object with keys of the user's choice."""
    required: bool


def inputs(token: str) -> dict[str, Input]:
    """All inputs of an AWS type by their paths, such as `rules[].filter.prefix`."""
    package, name = token.split(":")[1].split("/")
    module = import_module(f"pulumi_aws.{package}.{_snake_case(name)}")
    # The SDK writes `InitArgs` where a nested type already has the name.
    [arguments] = [each for each in module.__all__ if each.endswith("Args")]
    return dict(_fields(getattr(module, arguments), import_module(f"pulumi_aws.{package}"), ""))


def _snake_case(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _fields(cls: type, module: ModuleType, prefix: str) -> Iterator[tuple[str, Input]]:
    parameters = inspect.signature(cls.__init__).parameters
    for attribute, each in inspect.getmembers(cls, lambda member: isinstance(member, property)):
        getter: Any = each.fget
        required = attribute in parameters and parameters[attribute].default is inspect.Parameter.empty
        path = f"{prefix}{getattr(getter, '_pulumi_name', attribute)}"
        yield from _field(path, getter.__annotations__["return"], module, required)


def _field(path: str, annotation: Any, module: ModuleType, required: bool) -> Iterator[tuple[str, Input]]:
    kind = _without_input(annotation)
    origin = getattr(typing.get_origin(kind), "__name__", "")
    if isinstance(kind, str) and kind.endswith("Args"):
        yield path, Input("object", required)
        if kind.split(".")[-1] not in OPEN:
            yield from _fields(_class(kind, module), module, f"{path}.")
    elif origin == "Sequence":
        yield path, Input("array", required)
        yield from _field(f"{path}[]", typing.get_args(kind)[0], module, False)
    else:
        # The name of an enumeration stands for its strings.
        yield path, Input("map" if origin == "Mapping" else _KINDS.get(kind, "string"), required)


def _without_input(annotation: Any) -> Any:
    """The first type in a union of it, None, an awaitable and an output."""
    while typing.get_origin(annotation) is typing.Union:
        annotation = next(each for each in typing.get_args(annotation) if each is not type(None))
    return annotation.__forward_arg__ if isinstance(annotation, typing.ForwardRef) else annotation


def _class(name: str, module: ModuleType) -> type:
    """A nested class, of this package or written as `_other.Name`."""
    return getattr(import_module(f"{module.__name__}._inputs"), name.split(".")[-1])
