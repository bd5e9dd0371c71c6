"""Applies the journal of an update to the state before it.

The engine can write its whole state at each step, which takes quadratic time in the number of resources, or send the
steps to a service, as it does to Pulumi Cloud. The rules are those of
https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/backend/journal.go (JournalReplayer); a test compares the states of
both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

Deployment = dict[str, Any]
"""A state, as Pulumi writes it: DeploymentV3 in sdk/go/common/apitype/core.go."""
Resource = dict[str, Any]
Entry = Mapping[str, Any]
"""A step: JournalEntry in sdk/go/common/apitype/journal.go."""

FEATURES = {
    "refreshBeforeUpdate": "refreshBeforeUpdate",
    "viewOf": "views",
    "resourceHooks": "hooks",
    "taint": "taint",
    "replaceWith": "replaceWith",
}
"""The feature of a state that a resource with this key requires."""


REFERENCES = ("parent", "deletedWith", "dependencies", "propertyDependencies")
"""Keys of a resource that name other resources."""


class Kind(IntEnum):
    BEGIN = 0
    SUCCESS = 1
    FAILURE = 2
    REFRESH_SUCCESS = 3
    OUTPUTS = 4
    WRITE = 5
    SECRETS_MANAGER = 6
    REBUILT_BASE_STATE = 7


def applied(base: Deployment, entries: Iterable[Entry]) -> Deployment:
    """The state after these steps. Operations that began and did not end are pending in it."""
    steps = _Steps(base)
    for entry in entries:
        steps = steps.after(entry)
    return steps.deployment()


def versions(deployment: Deployment) -> dict[str, Any]:
    """The version of the state's schema, and the features that a CLI must know to read it."""
    pending = [operation["resource"] for operation in deployment.get("pending_operations", [])]
    resources = [*deployment.get("resources", []), *pending]
    features = sorted({feature for each in resources for key, feature in FEATURES.items() if each.get(key)})
    return {"version": 4, "features": features} if features else {"version": 3}


@dataclass
class _Steps:
    """A state, by the index of a resource in it, and the steps since, by the ID of an operation."""

    base: Deployment
    old: dict[int, Resource | None] = field(default_factory=dict[int, Resource | None])
    """Other states of resources of the base; None for a deleted one."""
    marks: dict[int, Resource] = field(default_factory=dict[int, Resource])
    """Keys to set in resources of the base."""
    new: dict[int, Resource | None] = field(default_factory=dict[int, Resource | None])
    pending: dict[int, Entry] = field(default_factory=dict[int, Entry])
    refreshed: bool = False

    def after(self, entry: Entry) -> _Steps:
        kind, operation = Kind(entry["kind"]), entry["operationID"]
        match kind:
            case Kind.BEGIN:
                self.pending[operation] = entry
            case Kind.SUCCESS | Kind.REFRESH_SUCCESS | Kind.FAILURE:
                self.pending.pop(operation, None)
                if kind == Kind.SUCCESS:
                    self._succeed(entry)
                elif kind == Kind.REFRESH_SUCCESS:
                    self.refreshed = True
                    self._set(entry, entry.get("state"))
            case Kind.OUTPUTS:
                if entry.get("state"):
                    self._set(entry, entry["state"])
            case Kind.SECRETS_MANAGER:
                self.base = {**self.base, "secrets_providers": entry["secretsProvider"]}
            case Kind.WRITE:
                self.base = entry["newSnapshot"]
            case Kind.REBUILT_BASE_STATE:
                return _Steps(self.deployment())
        return self

    def _succeed(self, entry: Entry) -> None:
        self.refreshed |= entry.get("isRefresh", False)
        if state := entry.get("state"):
            self.new[entry["operationID"]] = state
        self._set(entry, None)
        for mark in ("delete", "pendingReplacement"):
            if (index := entry.get(f"{mark}Old")) is not None:
                self.marks.setdefault(index, {})[mark] = True
            if (created := entry.get(f"{mark}New")) is not None and (resource := self.new[created]):
                resource[mark] = True

    def _set(self, entry: Entry, state: Resource | None) -> None:
        """Sets the state of the resource that the entry names, if any; None deletes it."""
        if (index := entry.get("removeOld")) is not None:
            self.old[index] = state
        if (created := entry.get("removeNew")) is not None:
            self.new[created] = state

    def deployment(self) -> Deployment:
        kept = [
            self.old.get(index, {**resource, **self.marks.get(index, {})})
            for index, resource in enumerate(self.base.get("resources", []))
        ]
        resources = [each for each in (*self.new.values(), *kept) if each is not None]
        created = [each for each in self.base.get("pending_operations", []) if each["type"] == "creating"]
        pending = [each["operation"] for each in self.pending.values() if each.get("operation")]
        parts = {
            "resources": without_missing(resources) if self.refreshed else resources,
            "pending_operations": [*pending, *created],
        }
        rest = {key: value for key, value in self.base.items() if key not in parts}
        return {**rest, **{key: value for key, value in parts.items() if value}}


def without_missing(resources: list[Resource]) -> list[Resource]:
    """The resources without references to those that a refresh deleted."""
    known: set[str] = set()

    def present(urns: list[str] | None) -> list[str]:
        return [urn for urn in urns or () if urn in known]

    remaining: list[Resource] = []
    for resource in resources:
        properties: dict[str, list[str] | None] = resource.get("propertyDependencies") or {}
        references: Resource = {
            **{key: resource[key] for key in ("parent", "deletedWith") if resource.get(key) in known},
            "dependencies": present(resource.get("dependencies")),
            "propertyDependencies": {key: found for key, urns in properties.items() if (found := present(urns))},
        }
        rest = {key: value for key, value in resource.items() if key not in REFERENCES}
        remaining.append({**rest, **{key: value for key, value in references.items() if value}})
        known.add(resource["urn"])
    return remaining
