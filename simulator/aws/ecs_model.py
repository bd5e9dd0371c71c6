"""Reads the container definitions of a task definition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

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
    from simulator.aws import ecs_shapes  # only then: Program.loaded imports botocore while the engine starts

    problems = list(ecs_shapes.problems(found))
    return Parsed(containers=[] if problems else found, problems=problems)


def _malformed(problem: str) -> Parsed:
    return Parsed(containers=[], problems=[f"containerDefinitions {problem}"])


def _without_nulls(value: Any) -> Any:
    """A null is as good as nothing to the provider.

    https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/ecs/container_definitions.go
    """
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in cast(Properties, value).items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in cast(list[Any], value) if each is not None]
    return value
