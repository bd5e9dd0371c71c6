"""Container definitions against botocore's model of RegisterTaskDefinition: names, types, required members and enums.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StringShape, StructureShape
from botocore.validate import ParamValidator

from simulator.store import Properties


@cache
def _request() -> StructureShape:
    """The shape of the request. Loaded on first use, as it takes a tenth of a second."""
    # The loader has no types.
    model = cast(Any, Loader()).load_service_model("ecs", "service-2")
    return cast(StructureShape, ServiceModel(model, "ecs").operation_model("RegisterTaskDefinition").input_shape)


def problems(containers: list[Any]) -> Iterator[str]:
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
