"""Container definitions against botocore's model of RegisterTaskDefinition: names, types, required members and enums.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from simulator.sdk import UNKNOWN
from simulator.store import Properties


@dataclass(frozen=True, kw_only=True)
class Parsed:
    containers: list[Properties]
    """The container definitions; none if one of them has a problem."""
    problems: list[str]


def parse(text: Any) -> Parsed:
    """Reads `containerDefinitions`. Do not change what it returns: it is cached."""
    if text is None or text == UNKNOWN:
        return Parsed(containers=[], problems=[])
    return _parse(text) if isinstance(text, str) else _malformed("is not valid JSON")


@lru_cache(maxsize=1024)
def _parse(text: str) -> Parsed:
    try:
        found = json.loads(text)
    except ValueError:
        return _malformed("is not valid JSON")
    if not isinstance(found, list):
        return _malformed("is not a list of container definitions")
    found = _without_nulls(found)
    problems = list(_problems(found))
    return Parsed(containers=[] if problems else found, problems=problems)


def _malformed(problem: str) -> Parsed:
    return Parsed(containers=[], problems=[f"containerDefinitions {problem}"])


@cache
def _request() -> StructureShape:
    """The shape of the request. Loaded on first use, as it takes a tenth of a second."""
    # The loader has no types.
    model = cast(Any, Loader()).load_service_model("ecs", "service-2")
    return cast(StructureShape, ServiceModel(model, "ecs").operation_model("RegisterTaskDefinition").input_shape)


def _problems(containers: list[Any]) -> Iterator[str]:
    request = {"family": "any", "containerDefinitions": containers}
    for line in ParamValidator().validate(request, _request()).generate_report().splitlines():
        yield _plain(line)
    yield from _wrong_enums(containers, _request().members["containerDefinitions"], "containerDefinitions")


def _plain(line: str) -> str:
    """A line of botocore's report without the value, which may be one that nobody should read in a log."""
    if unknown := re.fullmatch(r'(Unknown parameter in \S+: "(.*)"), must be one of: (.*)', line):
        close = difflib.get_close_matches(unknown[2], unknown[3].split(", "), n=1)
        return unknown[1] + (f": did you mean {close[0]}?" if close else "")
    return re.sub(r"<class '(\w+)'>", r"\1", re.sub(r", value: .*, type: ", ", type: ", line))


def _wrong_enums(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """The values outside of an enum, which botocore does not check."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for key, each in cast(Properties, value).items():
            if key in shape.members:
                yield from _wrong_enums(each, shape.members[key], f"{path}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for index, each in enumerate(cast(list[Any], value)):
            yield from _wrong_enums(each, shape.member, f"{path}[{index}]")
    elif isinstance(shape, StringShape) and shape.enum and isinstance(value, str) and value not in shape.enum:
        yield f"Value {value!r} at {path!r} failed to satisfy constraint: must be one of {', '.join(shape.enum)}"


def _without_nulls(value: Any) -> Any:
    """A null is as good as nothing to the provider.

    https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/container_definitions.go
    """
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in cast(Properties, value).items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in cast(list[Any], value) if each is not None]
    return value
