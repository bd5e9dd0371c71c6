"""Finds the services whose tasks ECS replaces, and the reasons: compares container definitions as structures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from ecs import types
from ecs.container import MIGRATED
from review.changes.differences import Change, changed, differences
from review.deployment.state import Properties, Resource, State
from review.deployment.values import text
from review.nouns import inventory
from simulator.aws.ecs_rollout import DEPLOYS
from simulator.cloud import REDACTED
from simulator.engine import Step

SERVICE_NOUNS = {
    "capacityProviderStrategies": "capacity",
    "deploymentConfiguration": "deployment",
    "loadBalancers": "load balancer",
    "networkConfiguration": "network",
    "serviceConnectConfiguration": "Service Connect",
    "triggers.redeploy": "redeploy",
}
CONTAINER_NOUNS = {
    "healthCheck": "health check",
    "logConfiguration": "logging",
    "portMappings": "port",
}
NEW_IMAGE = "new image"
MIGRATION = "migration first"
"""`/service -migrate` of the new image must succeed before ECS gets it: docs/howto/migrations.md."""
MIGRATES = Change(property="runs /service -migrate of the image first, once", before=None, after=None)
SHORT = 24
"""Characters of an environment variable's value that a summary shows."""
REPORTED_CONTAINER = frozenset({"environment", "image", "secrets"})
"""Properties of a container that have reasons of their own."""
REPORTED_TASK = frozenset({"containerDefinitions", "cpu", "memory"})
"""Properties of a task definition that have reasons of their own."""


@dataclass(frozen=True, kw_only=True)
class Reason:
    summary: str
    """For the headline, as `new image`; empty for a new service."""
    changes: tuple[Change, ...] = ()
    values: str = ""
    """The summary with the new values, if they are short."""


@dataclass(frozen=True, kw_only=True)
class Rollout:
    service: str
    kind: Literal["new", "removed", "replaced", "rolls out"]
    reasons: tuple[Reason, ...] = ()

    @property
    def has_new_image(self) -> bool:
        return any(each.summary == NEW_IMAGE for each in self.reasons)


def rollouts(before: State, after: State, steps: Iterable[Step], replaced: frozenset[str]) -> Iterator[Rollout]:
    """One for each service whose tasks are replaced, by name. `replaced`: the URNs of the replaced resources."""
    touched = {step.urn: step.operation for step in steps}
    old, new = before.services, after.services
    for name in sorted({*old, *new}):
        if name not in old:
            yield Rollout(service=name, kind="new", reasons=tuple(_of_new_service(after, name)))
        elif name not in new:
            yield Rollout(service=name, kind="removed")
        elif new[name].urn in touched and _is_deployed(old[name], new[name], replaced):
            migration = [Reason(summary=MIGRATION, changes=(MIGRATES,))] if name in migrating(after, touched) else []
            reasons = [
                *of_definition(_definition(before, name), _definition(after, name)),
                *_of_service(old[name].inputs, new[name].inputs),
                *migration,
            ]
            reasons = list(dict.fromkeys(reasons))  # two containers may run the same image
            yield Rollout(
                service=name,
                kind="replaced" if new[name].urn in replaced else "rolls out",
                reasons=tuple(reasons or _of_references(after, name, replaced)),
            )


def is_migration(resource: Resource) -> bool:
    """Whether a create or a change of the resource runs the migration of its service."""
    return resource.type == types.PARAMETER and resource.name.endswith(MIGRATED)


def migrating(after: State, touched: Iterable[str]) -> set[str]:
    """The services whose migration runs, given the URNs of the resources that change."""
    found = [after.resources[urn] for urn in touched if urn in after.resources]
    return {each.component for each in found if is_migration(each)}


def _is_deployed(before: Resource, after: Resource, replaced: frozenset[str]) -> bool:
    """Whether the update of an ECS service starts a deployment. ECS applies other changes to the running tasks."""
    if after.inputs.get("forceNewDeployment") or after.urn in replaced or after.dependencies & replaced:
        return True
    return any(before.inputs.get(key) != after.inputs.get(key) for key in DEPLOYS)


def grouped(found: Iterable[Rollout]) -> list[tuple[tuple[str, ...], Rollout]]:
    """The names of the services that change in the same way, and one of their rollouts."""
    groups: dict[tuple[str, tuple[Reason, ...]], list[Rollout]] = {}
    for each in found:
        groups.setdefault((each.kind, each.reasons), []).append(each)
    return [(tuple(each.service for each in members), members[0]) for members in groups.values()]


def _of_new_service(after: State, name: str) -> Iterator[Reason]:
    definition = _definition(after, name)
    migrates = any(each.component == name for each in after.resources.values() if is_migration(each))
    changes = [
        *([Change(property="first runs", before=None, after="/service -migrate")] if migrates else []),
        Change(property="size", before=None, after=_size(definition)),
        *(
            Change(property=key, before=None, after=value)
            for container in _containers(definition).values()
            if container.get("essential", True)
            for key, value in (
                ("image", _image(container)),
                ("environment", text([each["name"] for each in container.get("environment", [])])),
                ("secrets", text([each["name"] for each in container.get("secrets", [])])),
            )
        ),
    ]
    yield Reason(summary="", changes=tuple(changes))


def of_definition(before: Properties, after: Properties) -> Iterator[Reason]:
    if REDACTED in (before.get("containerDefinitions"), after.get("containerDefinitions")):
        yield Reason(summary="container definitions are secret and not compared")
    else:
        yield from _of_containers(_containers(before), _containers(after))
    if (sizes := [_size(before), _size(after)])[0] != sizes[1]:
        yield Reason(summary="size", changes=(Change(property="size", before=sizes[0], after=sizes[1]),))
    rest = [{k: v for k, v in each.items() if k not in REPORTED_TASK} for each in (before, after)]
    if changes := differences(*rest):
        yield Reason(summary="task settings", changes=changes)


def _of_containers(before: Mapping[str, Properties], after: Mapping[str, Properties]) -> Iterator[Reason]:
    for name in sorted({*before, *after}):
        if name in before and name in after:
            yield from _of_container(before[name], after[name])
        else:
            yield Reason(summary=f"container {name} {'added' if name in after else 'removed'}")


def _of_container(before: Properties, after: Properties) -> Iterator[Reason]:
    if before["image"] != after["image"]:
        yield Reason(
            summary=NEW_IMAGE,
            changes=(Change(property="image", before=_image(before, after), after=_image(after, before)),),
        )
    yield from _environment(_by_name(before, "environment"), _by_name(after, "environment"))
    yield from _secrets(_by_name(before, "secrets"), _by_name(after, "secrets"))
    rest = differences(*({k: v for k, v in each.items() if k not in REPORTED_CONTAINER} for each in (before, after)))
    yield from _by_noun(CONTAINER_NOUNS, rest, "container settings")


def _by_key(noun: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Reason]:
    if names := _changed_names(before, after):
        yield Reason(
            summary=f"{noun} {', '.join(f'{name}{_presence(name, before, after)}' for name in names)}",
            changes=tuple(changed(f"{noun} {name}", before.get(name), after.get(name)) for name in names),
        )


def _changed_names(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]


def _environment(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Reason]:
    """With short values: an environment holds no secrets, and its values are what a reviewer judges."""
    names = _changed_names(before, after)
    for reason in _by_key("environment", before, after):
        brief = [f"{name}{_presence(name, before, after) or ' changed'}" for name in names]
        values = [f"{name}={after[name]}" if name in after else f"{name} removed" for name in names]
        short = all(len(after.get(name, "")) <= SHORT for name in names)
        yield replace(reason, summary=", ".join(brief), values=", ".join(values) if short else "")


def _presence(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    return " added" if name not in before else " removed" if name not in after else ""


def _secrets(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Reason]:
    """By the ARN of each secret, never by its value or version."""
    shown = dict(after)
    for name, reference in after.items():
        secret, _, version = reference.partition(":::")
        if name in before and before[name].partition(":::")[0] == secret and before[name] != reference:
            shown[name] = f"another version of {secret}" if version else f"the current version of {secret}"
    short = [{name: reference.partition(":::")[0] for name, reference in each.items()} for each in (before, shown)]
    yield from _by_key("secret", short[0], short[1])


def _of_service(before: Properties, after: Properties) -> Iterator[Reason]:
    """`forceNewDeployment` is how an update is carried out, no setting of the service."""
    rest = [{k: v for k, v in each.items() if k != "forceNewDeployment"} for each in (before, after)]
    return _by_noun(SERVICE_NOUNS, differences(*rest), "service settings")


def _of_references(after: State, name: str, replaced: frozenset[str]) -> Iterator[Reason]:
    urns = after.services[name].dependencies & replaced
    found = inventory(after.resources[urn].type for urn in urns if urn in after.resources)
    changes = (Change(property=f"replaced: {found}", before=None, after=None),) if found else ()
    yield Reason(summary="a referenced resource is replaced" if found else "no property differs", changes=changes)


def _by_noun(nouns: Mapping[str, str], found: Iterable[Change], otherwise: str) -> Iterator[Reason]:
    """One reason for each noun; the noun takes the place of the property in the path."""
    groups: dict[str, list[Change]] = {}
    for change in found:
        [key] = [each for each in nouns if change.property.startswith(each)] or [""]
        path = f"{nouns[key]}{change.property.removeprefix(key)}" if key else change.property
        groups.setdefault(nouns.get(key, otherwise), []).append(replace(change, property=path))
    for noun, changes in groups.items():
        yield Reason(summary=noun, changes=tuple(changes))


def _definition(state: State, service: str) -> Properties:
    """The inputs of the service's task definition; empty when the state has none."""
    found = state.task_definition(service)
    return found.inputs if found else {}


def _containers(definition: Properties) -> dict[str, Properties]:
    containers = definition.get("containerDefinitions", [])
    return {} if containers == REDACTED else {each["name"]: each for each in containers}


def _by_name(container: Properties, key: str) -> dict[str, str]:
    found: list[dict[str, Any]] = container.get(key, [])
    return {each["name"]: str(each.get("value", each.get("valueFrom", ""))) for each in found}


def _size(definition: Properties) -> str:
    return f"{definition.get('cpu')} CPU units, {definition.get('memory')} MiB"


def _image(container: Properties, other: Properties | None = None) -> str:
    """The digest, after the repository unless the other container's is the same."""
    repository, _, digest = str(container["image"]).partition("@sha256:")
    same = other and str(other["image"]).partition("@")[0] == repository
    if same and digest:
        return digest[:12]
    return text(container["image"]) if other else text(str(container["image"]).rpartition("/")[2])
