"""Two deployments of one stack as plain resources: no secret, no generated id, JSON as the structure that it is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

from simulator.aws import ecs, secretsmanager
from simulator.graph import STACK
from simulator.provider import SIGNATURE

SECRET = "[secret]"
PROVIDER = "pulumi:providers:"
GENERATED = re.compile(r"arn:.+|[a-z]+-[0-9a-f]{8,}")

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    urn: str
    type: str
    name: str
    """The logical name."""
    component: str
    """The name of the outermost component that it is part of; empty for what is in none."""
    component_type: str
    inputs: Properties
    """Ids and ARNs of the stack's own resources are their logical names here, so that a new id is no difference."""
    dependencies: frozenset[str]
    """The URNs that its inputs come from."""
    protect: bool


@dataclass(frozen=True, kw_only=True)
class State:
    resources: Mapping[str, Resource]
    """What a provider holds, by URN."""
    providers: Mapping[str, Resource]
    """The providers themselves, by URN."""
    outputs: Properties
    """The stack's."""

    def find(self, urn: str) -> Resource | None:
        """A resource or a provider."""
        return self.resources.get(urn) or self.providers.get(urn)

    def of(self, *types: str) -> list[Resource]:
        return [each for each in self.resources.values() if each.type in types]

    @property
    def services(self) -> dict[str, Resource]:
        """The ECS services by component."""
        return {each.component: each for each in self.of(ecs.SERVICE)}

    def task_definition(self, component: str) -> Properties:
        """What the component's tasks run."""
        found = [each for each in self.of(ecs.TASK_DEFINITION) if each.component == component]
        return found[0].inputs if found else {}


def states(before: Iterable[Properties], after: Iterable[Properties]) -> tuple[State, State]:
    """Both from `deployment.resources` of an export. A resource that was renamed has its new name in both."""
    old, new = (_with_parents(each) for each in (before, after))
    urns = {resource["urn"] for resource in new.values()}
    ids = {(resource["type"], resource.get("id")): urn for urn, resource in new.items() if resource.get("id")}
    renamed = {
        urn: other
        for urn, resource in old.items()
        if urn not in urns and (other := ids.get((resource["type"], resource.get("id")))) and other not in old
    }
    versions = [_versions(each) for each in (old, new)]
    return (
        _state(old, renamed, dict.fromkeys(versions[0] - versions[1], "former version")),
        _state(new, {}, dict.fromkeys(versions[1] - versions[0], "new version")),
    )


def _versions(raw: Mapping[str, Properties]) -> set[str]:
    """The ids that Secrets Manager gave: random, and all that can be said of them is whether they stay."""
    found = [
        each["outputs"]
        for each in raw.values()
        if each["type"] == secretsmanager.SECRET_VERSION and each.get("outputs")
    ]
    return {each["versionId"] for each in found if each.get("versionId")}


def _with_parents(resources: Iterable[Properties]) -> dict[str, Properties]:
    # What still waits to be deleted has the URN of what replaced it.
    return {each["urn"]: each for each in resources if not each.get("delete")}


def _state(raw: Mapping[str, Properties], renamed: Mapping[str, str], versions: Mapping[str, str]) -> State:
    labels = _Labels(raw, renamed, versions)
    found: dict[str, Resource] = {}
    for urn, each in raw.items():
        if not each.get("custom"):
            continue
        now = renamed.get(urn, urn)
        component = _component(raw, each)
        found[now] = Resource(
            urn=now,
            type=each["type"],
            name=name_of(now),
            component=name_of(component["urn"]) if component else "",
            component_type=component["type"] if component else "",
            inputs=labels.plain(each.get("inputs") or {}),
            dependencies=frozenset(renamed.get(other, other) for other in _dependencies(each)),
            protect=bool(each.get("protect")),
        )
    outputs = next((each.get("outputs") for each in raw.values() if each["type"] == STACK), None)
    providers = {urn: each for urn, each in found.items() if each.type.startswith(PROVIDER)}
    return State(
        resources={urn: each for urn, each in found.items() if urn not in providers},
        providers=providers,
        outputs=labels.plain(outputs or {}),
    )


def _dependencies(resource: Properties) -> list[str]:
    by_property: Mapping[str, list[str]] = resource.get("propertyDependencies") or {}
    return [urn for urns in by_property.values() for urn in urns or []]


def _component(raw: Mapping[str, Properties], resource: Properties) -> Properties | None:
    outermost = None
    while (parent := raw.get(resource.get("parent", ""))) and parent["type"] != STACK:
        outermost = resource = parent
    return outermost


def name_of(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _is_generated(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(GENERATED.fullmatch(value))


class _Labels:
    """The logical names in place of what the cloud and the engine generate."""

    def __init__(self, raw: Mapping[str, Properties], renamed: Mapping[str, str], versions: Mapping[str, str]) -> None:
        self._names = dict(versions)
        # Parts come after what they are parts of: a version's id begins with its secret's.
        for urn, each in sorted(raw.items(), key=lambda item: len(str(item[1].get("id")))):
            old, name = name_of(urn), name_of(renamed.get(urn, urn))
            outputs: Properties = each.get("outputs") or {}
            if _is_generated(each.get("id")):
                self._names[each["id"]] = name
            for value in (outputs.get("arn"), outputs.get("prefixListId")):
                if _is_generated(value):  # a secret's version has the secret's ARN, which is that one's id
                    self._names.setdefault(value, name)
            physical = outputs.get("name")
            if isinstance(physical, str) and re.fullmatch(rf"{re.escape(old)}-[0-9a-f]{{7}}", physical):
                self._names[physical] = name
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(each) for each in longest_first) or r"(?!)")

    def plain(self, value: Any) -> Any:
        """Raises nothing: what is no JSON stays text."""
        if isinstance(value, dict):
            mapping = cast(Properties, value)
            if SIGNATURE in mapping:
                return SECRET
            return {key: self.plain(each) for key, each in mapping.items() if not key.startswith("__")}
        if isinstance(value, list):
            return [self.plain(each) for each in cast(list[Any], value)]
        if not isinstance(value, str):
            return int(value) if isinstance(value, float) and value.is_integer() else value
        if value[:1] in ("{", "["):
            try:
                return self.plain(json.loads(value))
            except ValueError:
                pass
        return self._pattern.sub(lambda found: self._names[found[0]], value)
