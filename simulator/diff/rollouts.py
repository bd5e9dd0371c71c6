"""Why ECS starts new tasks of a service: container definitions are compared as structures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from simulator.diff.differences import Change, changed, differences, text
from simulator.diff.state import SECRET, Properties, State
from simulator.diff.words import inventory
from simulator.engine import Step

SERVICE_WORDS = {
    "capacityProviderStrategies": "capacity",
    "loadBalancers": "load balancer",
    "networkConfiguration": "network",
    "serviceConnectConfiguration": "Service Connect",
}
CONTAINER_WORDS = {
    "healthCheck": "health check",
    "logConfiguration": "logging",
    "portMappings": "port",
}
COVERED = frozenset({"environment", "image", "secrets"})


@dataclass(frozen=True, kw_only=True)
class Reason:
    summary: str
    """For the headline, as `new image`."""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rollout:
    service: str
    kind: Literal["new", "removed", "replaced", "rolls out"]
    reasons: tuple[Reason, ...] = ()


def rollouts(before: State, after: State, steps: Iterable[Step], renewed: frozenset[str]) -> Iterator[Rollout]:
    """One for each service whose tasks are started anew, by name. `renewed`: the URNs that were replaced.

    Any update of the ECS service is one: it has `force_new_deployment`.
    """
    touched = {step.urn: step.operation for step in steps}
    old, new = before.services, after.services
    for name in sorted({*old, *new}):
        if name not in old:
            yield Rollout(service=name, kind="new", reasons=tuple(_of_a_new_one(after, name)))
        elif name not in new:
            yield Rollout(service=name, kind="removed")
        elif new[name].urn in touched:
            reasons = [
                *_of_definition(before.task_definition(name), after.task_definition(name)),
                *_of_service(old[name].inputs, new[name].inputs),
            ]
            yield Rollout(
                service=name,
                kind="replaced" if new[name].urn in renewed else "rolls out",
                reasons=tuple(reasons or _of_what_it_uses(after, name, renewed)),
            )


def together(found: Iterable[Rollout]) -> list[tuple[str, Rollout]]:
    """The services that change in the same way, by their names, and how."""
    told: dict[tuple[str, tuple[Reason, ...]], list[Rollout]] = {}
    for each in found:
        told.setdefault((each.kind, each.reasons), []).append(each)
    return [(", ".join(each.service for each in members), members[0]) for members in told.values()]


def _of_a_new_one(after: State, name: str) -> Iterator[Reason]:
    definition = after.task_definition(name)
    changes = [
        Change(what="size", before=None, after=_size(definition)),
        *(
            Change(what=key, before=None, after=value)
            for container in _containers(definition).values()
            for key, value in (
                ("image", _image(container)),
                ("environment", text([each["name"] for each in container.get("environment", [])])),
                ("secrets", text([each["name"] for each in container.get("secrets", [])])),
            )
        ),
    ]
    yield Reason(summary="", changes=tuple(changes))


def _of_definition(before: Properties, after: Properties) -> Iterator[Reason]:
    if SECRET in (before.get("containerDefinitions"), after.get("containerDefinitions")):
        yield Reason(summary="its container definitions are a secret, and not compared")
    else:
        yield from _of_containers(_containers(before), _containers(after))
    if (sizes := [_size(before), _size(after)])[0] != sizes[1]:
        yield Reason(summary="size", changes=(Change(what="size", before=sizes[0], after=sizes[1]),))
    rest = [{k: v for k, v in each.items() if k not in _SAID_ELSEWHERE} for each in (before, after)]
    if changes := differences(*rest):
        yield Reason(summary="task settings", changes=changes)


_SAID_ELSEWHERE = frozenset({"containerDefinitions", "cpu", "memory"})


def _of_containers(before: Mapping[str, Properties], after: Mapping[str, Properties]) -> Iterator[Reason]:
    for name in sorted({*before, *after}):
        if name in before and name in after:
            yield from _of_container(before[name], after[name])
        else:
            yield Reason(summary=f"container {name} {'added' if name in after else 'removed'}")


def _of_container(before: Properties, after: Properties) -> Iterator[Reason]:
    if before["image"] != after["image"]:
        yield Reason(
            summary="new image",
            changes=(Change(what="image", before=_image(before, after), after=_image(after, before)),),
        )
    yield from _named("environment", _by_name(before, "environment"), _by_name(after, "environment"))
    yield from _secrets(_by_name(before, "secrets"), _by_name(after, "secrets"))
    rest = differences(*({k: v for k, v in each.items() if k not in COVERED} for each in (before, after)))
    yield from _by_word(CONTAINER_WORDS, rest, "container settings")


def _named(word: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Reason]:
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    if names:
        yield Reason(
            summary=f"{word} {', '.join(f'{name}{_fate(name, before, after)}' for name in names)}",
            changes=tuple(changed(f"{word} {name}", before.get(name), after.get(name)) for name in names),
        )


def _fate(name: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    return " added" if name not in before else " removed" if name not in after else ""


def _secrets(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Reason]:
    """Where each secret lies, never what it is."""
    told = dict(after)
    for name, reference in after.items():
        where, _, version = reference.partition(":::")
        if name in before and before[name].partition(":::")[0] == where and before[name] != reference:
            told[name] = f"another version of {where}" if version else f"{where}, whichever version is current"
    short = [{name: reference.partition(":::")[0] for name, reference in each.items()} for each in (before, told)]
    yield from _named("secret", short[0], short[1])


def _of_service(before: Properties, after: Properties) -> Iterator[Reason]:
    return _by_word(SERVICE_WORDS, differences(before, after), "service settings")


def _of_what_it_uses(after: State, name: str, renewed: frozenset[str]) -> Iterator[Reason]:
    used = after.services[name].dependencies & renewed
    what = inventory(after.resources[urn].type for urn in used if urn in after.resources)
    changes = (Change(what=f"replaced: {what}", before=None, after=None),) if what else ()
    yield Reason(summary="what it uses is replaced" if what else "settings that only ECS sees", changes=changes)


def _by_word(words: Mapping[str, str], found: Iterable[Change], otherwise: str) -> Iterator[Reason]:
    """The changes under the word for their property, and with it."""
    told: dict[str, list[Change]] = {}
    for change in found:
        [start] = [each for each in words if change.what.startswith(each)] or [""]
        what = f"{words[start]}{change.what.removeprefix(start)}" if start else change.what
        told.setdefault(words.get(start, otherwise), []).append(replace(change, what=what))
    for word, changes in told.items():
        yield Reason(summary=word, changes=tuple(changes))


def _containers(definition: Properties) -> dict[str, Properties]:
    containers = definition.get("containerDefinitions", [])
    return {} if containers == SECRET else {each["name"]: each for each in containers}


def _by_name(container: Properties, key: str) -> dict[str, str]:
    found: list[dict[str, Any]] = container.get(key, [])
    return {each["name"]: str(each.get("value", each.get("valueFrom", ""))) for each in found}


def _size(definition: Properties) -> str:
    return f"{definition.get('cpu')} CPU units, {definition.get('memory')} MiB"


def _image(container: Properties, other: Properties | None = None) -> str:
    """The digest; the repository too, unless the other one's is the same."""
    repository, _, digest = str(container["image"]).partition("@sha256:")
    same = other and str(other["image"]).partition("@")[0] == repository
    if same and digest:
        return digest[:12]
    return text(container["image"]) if other else text(str(container["image"]).rpartition("/")[2])
