"""What a program declares, as a CloudFormation template: for judges that read nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from ecs import types
from tools.cloudformation import KINDS
from tools.limits import cloudformation_path, schema

DOCUMENTS = {"policy", "assumeRolePolicy"}
"""Inputs with a policy document as JSON. The text of an ECR lifecycle policy stays text."""
OWNERS = {"bucket", "repository"}
"""Inputs that name the resource that a setting belongs to. In CloudFormation the setting is a part of it."""
SETTINGS = {
    types.BUCKET_ENCRYPTION,
    types.BUCKET_LIFECYCLE,
    types.BUCKET_PUBLIC_ACCESS,
    types.BUCKET_VERSIONING,
    types.LIFECYCLE_POLICY,
    types.REPOSITORY_POLICY,
}
Json = Any


def template(resources: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """The resources, named R0, R1 and so on, with the values that CloudFormation would get."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            f"R{number}": {"Type": KINDS[token].resource, "Properties": properties(token, inputs)}
            for number, (token, inputs) in enumerate(resources)
        },
    }


def properties(token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of one resource; inputs without a counterpart are left out."""
    kind = KINDS[token]
    found = schema(kind.resource)
    result: dict[str, Any] = {}
    for path, indexes, value in _leaves(token, inputs):
        names = cloudformation_path(kind, found, path)
        if names and all(names):
            _put(result, names, list(indexes), value)
    return result


def _leaves(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, ...], Json]]:
    """The path, the positions in its lists and the value of each input."""
    for key, value in inputs.items():
        if key in OWNERS and token in SETTINGS:
            continue
        if key == "tags" and isinstance(value, dict):
            yield key, (), [{"Key": name, "Value": each} for name, each in cast(dict[str, Any], value).items()]
        elif key == "containerDefinitions":
            yield key, (), _capitalized(_parsed(value))
        elif key in DOCUMENTS and token != types.LIFECYCLE_POLICY:
            yield key, (), _parsed(value)
        else:
            yield from _walk(key, (), value)


def _walk(path: str, indexes: tuple[int, ...], value: Json) -> Iterator[tuple[str, tuple[int, ...], Json]]:
    if isinstance(value, dict) and value:
        for key, each in cast(dict[str, Any], value).items():
            yield from _walk(f"{path}.{key}", indexes, each)
    elif isinstance(value, list):
        for number, each in enumerate(cast(list[Any], value)):
            yield from _walk(f"{path}[]", (*indexes, number), each)
    elif value is not None:
        yield path, indexes, _scalar(path, {} if value == {} else value)


def _parsed(value: Json) -> Json:
    """The value of JSON text; other text as it is."""
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _scalar(path: str, value: Json) -> Json:
    if path == "networkConfiguration.assignPublicIp":
        return "ENABLED" if value in (True, "true") else "DISABLED"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _put(target: dict[str, Any], names: list[str], indexes: list[int], value: Json) -> None:
    """Sets a value by the names of its path, where `[]` stands for the next position in a list."""
    owner: Any = target
    for name, following in zip(names, [*names[1:], ""], strict=True):
        key: Any = (indexes.pop(0) if indexes else 0) if name == "[]" else name.removesuffix("[]")
        is_list = following == "[]" or name.endswith("[]")
        if following == "":
            empty: Any = [value] if is_list and name != "[]" else value
        else:
            empty = [] if is_list and name != "[]" else {}
        owner = _entry(owner, key, empty)
        if name.endswith("[]") and name != "[]" and following:
            owner = _entry(owner, 0, {})


def _entry(owner: Any, key: Any, empty: Json) -> Any:
    if isinstance(owner, list):
        entries = cast(list[Any], owner)
        if len(entries) <= key:
            entries.append(empty)
        return entries[min(key, len(entries) - 1)]
    return owner.setdefault(key, empty)


def _capitalized(value: Json) -> Json:
    """With names as CloudFormation writes them. The keys of options and labels are the user's own."""
    if isinstance(value, list):
        return [_capitalized(each) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        return {
            key[0].upper() + key[1:]: each if key in ("options", "dockerLabels") else _capitalized(each)
            for key, each in cast(dict[str, Any], value).items()
        }
    return value
