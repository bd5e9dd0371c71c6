"""Reads a deployment for the estimate: resources, region, budget and expectations, from Pulumi's state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecs import types

EXPECT = "expect"
"""The output of a stack with the use that its stack file expects."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    urn: str
    type: str
    name: str
    """The logical name."""
    component: str = ""
    """The outermost component that contains it; empty outside any."""
    inputs: Mapping[str, Any]
    references: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """The URNs of the resources that each input comes from."""


@dataclass(frozen=True, kw_only=True)
class Deployment:
    region: str
    """Empty if the deployment has no AWS provider with a region."""
    resources: Mapping[str, Resource]
    """By URN."""
    expect: Mapping[str, float] = field(default_factory=dict[str, float])
    """By key of `expect` in the stack file."""

    def of(self, *types: str) -> list[Resource]:
        return [each for each in self.resources.values() if each.type in types]

    def referenced(self, resource: Resource, key: str, type: str) -> Resource | None:
        """The resource of a type that an input comes from."""
        found = (self.resources.get(urn) for urn in resource.references.get(key, ()))
        return next((each for each in found if each and each.type == type), None)

    def referring(self, resource: Resource, key: str, type: str) -> Resource | None:
        """The resource of a type whose input comes from this one."""
        return next((each for each in self.of(type) if resource.urn in each.references.get(key, ())), None)


def read(raw: Iterable[Mapping[str, Any]]) -> Deployment:
    """From `deployment.resources` of an export. A resource that is pending deletion costs nothing soon: left out."""
    by_urn = {str(each["urn"]): each for each in raw if not each.get("delete")}
    custom = {urn: each for urn, each in by_urn.items() if each.get("custom")}
    providers = [_mapping(each, "inputs") for each in custom.values() if each["type"] == types.AWS_PROVIDER]
    outputs = [_mapping(each, "outputs") for each in by_urn.values() if each["type"] == types.STACK]
    return Deployment(
        region=next((str(each["region"]) for each in providers if each.get("region")), ""),
        resources={
            urn: _resource(by_urn, each)
            for urn, each in custom.items()
            if not str(each["type"]).startswith(types.PROVIDERS)
        },
        expect=_mapping(outputs[0], EXPECT) if outputs else {},
    )


def _mapping(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return found.get(key) or {}


def _resource(by_urn: Mapping[str, Mapping[str, Any]], each: Mapping[str, Any]) -> Resource:
    dependencies: Mapping[str, Sequence[str] | None] = each.get("propertyDependencies") or {}
    return Resource(
        urn=each["urn"],
        type=each["type"],
        name=_name(each["urn"]),
        component=_component(by_urn, each),
        inputs=_mapping(each, "inputs"),
        references={key: urns for key, urns in dependencies.items() if urns},
    )


def _component(by_urn: Mapping[str, Mapping[str, Any]], resource: Mapping[str, Any]) -> str:
    found = ""
    while (parent := by_urn.get(str(resource.get("parent") or ""))) and parent["type"] != types.STACK:
        found, resource = _name(parent["urn"]), parent
    return found


def _name(urn: str) -> str:
    return urn.rsplit("::", 1)[-1]
