"""Reads two deployments of one stack as plain resources, without secrets, generated ids or JSON in strings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard, cast

from ecs import types
from simulator.cloud import REDACTED
from simulator.sdk import DEFAULTS, SIGNATURE

GENERATED_ID = re.compile(r"arn:.+|[a-z]+-[0-9a-f]{8,}")
"""An ARN, or an id of EC2 or RDS. A heuristic: the state does not record which ids AWS generated."""
AUTO_NAME = re.compile(r".+-[0-9a-f]{7}")
"""A logical name and seven random digits. https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming"""

JOBS = ("marginalia:job:Job$", "marginalia:database:Logins$")
"""In the URN of a resource of a job, or of the job of the program."""

Properties = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    urn: str
    type: str
    name: str
    """The logical name."""
    component: str = ""
    """The name of the outermost component that contains it; empty outside any component."""
    parent: str = ""
    """The name of the innermost component that contains it; empty outside any component."""
    inputs: Properties
    """With logical names in place of the ids, ARNs and generated names of the stack's own resources: a new id is no
    difference."""
    references: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """By input: the URNs of the resources that its value comes from."""
    depends_on: frozenset[str] = frozenset()
    """The URNs of all that must exist before it: what its inputs come from, and its `depends_on`."""
    protect: bool = False

    @property
    def dependencies(self) -> frozenset[str]:
        """The URNs of all resources that its inputs come from."""
        return frozenset(urn for urns in self.references.values() for urn in urns)


@dataclass(frozen=True, kw_only=True)
class State:
    resources: Mapping[str, Resource]
    """By URN, without components and providers."""
    providers: Mapping[str, Resource]
    """By URN."""
    outputs: Properties
    """Of the stack."""

    def find(self, urn: str) -> Resource | None:
        """A resource or a provider."""
        return self.resources.get(urn) or self.providers.get(urn)

    def of(self, *types: str) -> list[Resource]:
        return [each for each in self.resources.values() if each.type in types]

    def referenced(self, resource: Resource, property: str, type: str) -> list[Resource]:
        """The resources of a type that the value of a property comes from, by URN."""
        found = (self.resources.get(urn) for urn in sorted(resource.references.get(property, ())))
        return [each for each in found if each and each.type == type]

    @property
    def services(self) -> dict[str, Resource]:
        """The ECS services by the name of their component."""
        return {each.component: each for each in self.of(types.SERVICE)}

    @property
    def jobs(self) -> dict[str, Resource]:
        """The task definitions of jobs by the name of their component."""
        return {each.component: each for each in self.of(types.TASK_DEFINITION) if any(job in each.urn for job in JOBS)}

    def task_definition(self, service: str) -> Resource | None:
        """The task definition that the ECS service of this component runs, or that of a job."""
        if service in self.jobs:
            return self.jobs[service]
        found = self.referenced(self.services[service], "taskDefinition", types.TASK_DEFINITION)
        return found[0] if found else None


def states(before: Iterable[Properties], after: Iterable[Properties]) -> tuple[State, State]:
    """Both from `deployment.resources` of an export. A renamed resource has its new name in both."""
    old, new = (_by_urn(each) for each in (before, after))
    urns = {resource["urn"] for resource in new.values()}
    ids = {(resource["type"], resource.get("id")): urn for urn, resource in new.items() if resource.get("id")}
    renamed = {
        urn: other
        for urn, resource in old.items()
        if urn not in urns and (other := ids.get((resource["type"], resource.get("id")))) and other not in old
    }
    versions = [_versions(each) for each in (old, new)]
    kept = dict.fromkeys(versions[0] & versions[1], "unchanged version")
    return (
        _state(old, renamed, {**kept, **dict.fromkeys(versions[0] - versions[1], "former version")}),
        _state(new, {}, {**kept, **dict.fromkeys(versions[1] - versions[0], "new version")}),
    )


def _versions(raw: Mapping[str, Properties]) -> set[str]:
    """The ids of the secret versions, which Secrets Manager generates. The state has one of each secret."""
    found = [each["outputs"] for each in raw.values() if each["type"] == types.SECRET_VERSION and each.get("outputs")]
    return {each["versionId"] for each in found if each.get("versionId")}


def _by_urn(resources: Iterable[Properties]) -> dict[str, Properties]:
    # A resource that is pending deletion has the URN of its replacement.
    return {each["urn"]: each for each in resources if not each.get("delete")}


def _state(raw: Mapping[str, Properties], renamed: Mapping[str, str], versions: Mapping[str, str]) -> State:
    labels = _Labels(raw, renamed, versions)
    found: dict[str, Resource] = {}
    for urn, each in raw.items():
        if not each.get("custom"):
            continue
        current = renamed.get(urn, urn)
        components = _components(raw, each)
        dependencies: list[str] = each.get("dependencies") or []
        found[current] = Resource(
            urn=current,
            type=each["type"],
            name=name_of(current),
            component=components[-1] if components else "",
            parent=components[0] if components else "",
            inputs=labels.plain(each.get("inputs") or {}),
            references={
                key: frozenset(renamed.get(other, other) for other in urns) for key, urns in _dependencies(each).items()
            },
            depends_on=frozenset(renamed.get(other, other) for other in dependencies),
            protect=bool(each.get("protect")),
        )
    outputs = next((each.get("outputs") for each in raw.values() if each["type"] == types.STACK), None)
    providers = {urn: each for urn, each in found.items() if each.type.startswith(types.PROVIDERS)}
    return State(
        resources={urn: each for urn, each in found.items() if urn not in providers},
        providers=providers,
        outputs=labels.plain(outputs or {}),
    )


def _dependencies(resource: Properties) -> dict[str, list[str]]:
    """URNs by property. The engine records null for a property without dependencies."""
    recorded: dict[str, list[str] | None] = resource.get("propertyDependencies") or {}
    return {key: urns for key, urns in recorded.items() if urns}


def _components(raw: Mapping[str, Properties], resource: Properties) -> list[str]:
    """The names of the components that contain a resource, the innermost one first."""
    names: list[str] = []
    while (parent := raw.get(resource.get("parent", ""))) and parent["type"] != types.STACK:
        names.append(name_of(parent["urn"]))
        resource = parent
    return names


def name_of(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]


def _is_generated(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and bool(GENERATED_ID.fullmatch(value))


class _Labels:
    """Replaces the ids, ARNs and names that AWS and the engine generated by logical names."""

    def __init__(self, raw: Mapping[str, Properties], renamed: Mapping[str, str], versions: Mapping[str, str]) -> None:
        self._names = dict(versions)
        # A component's outputs repeat the ARNs of its resources.
        custom = [(urn, each) for urn, each in raw.items() if each.get("custom")]
        # The shortest id first: the id of a secret's version begins with the secret's.
        for urn, each in sorted(custom, key=lambda item: len(str(item[1].get("id")))):
            name = name_of(renamed.get(urn, urn))
            inputs: Properties = each.get("inputs") or {}
            outputs: Properties = each.get("outputs") or {}
            if _is_generated(each.get("id")):
                self._names[each["id"]] = name
            for value in (outputs.get("arn"), outputs.get("prefixListId")):
                if _is_generated(value):  # the ARN of a secret's version is the secret's, which has its name already
                    self._names.setdefault(value, name)
            for secret in outputs.get("masterUserSecrets") or ():  # RDS generates the name of this secret
                self._names[secret["secretArn"]] = f"the secret of RDS for {name}"
            for value in (inputs.get(key) for key in inputs.get(DEFAULTS, ())):
                if isinstance(value, str) and AUTO_NAME.fullmatch(value):
                    self._names[value] = name
        longest_first = sorted(self._names, key=len, reverse=True)
        self._pattern = re.compile("|".join(re.escape(each) for each in longest_first) or r"(?!)")

    def plain(self, value: Any) -> Any:
        """The value without secrets, with labels, and with JSON strings parsed; invalid JSON stays a string."""
        if isinstance(value, dict):
            mapping = cast(Properties, value)
            if SIGNATURE in mapping:
                return REDACTED
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
