"""Checks that Pulumi's state and the simulated cloud agree, and that no secret is in clear in the state directory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ecs import types
from simulator.cloud import REDACTED
from simulator.engine import TYPES
from simulator.home import Home
from simulator.sdk import holds_secret, plain
from simulator.store import Object
from tests.engine.conftest import Checkout

Resource = dict[str, Any]
DEPLOYS = "triggers"
"""The only argument of the provider itself whose change makes AWS do something. AWS has none of the others."""

OF_ECS = {types.LISTENER_RULE: {"actions"}}
"""What ECS rewrites with each deployment, and the program ignores: docs/howto/rollout.md."""


def problems(checkout: Checkout, stack: str = "dev") -> list[str]:
    """One line for each difference between Pulumi's state and the cloud, in either direction.

    An object that a type retains on purpose, such as a former task definition, may be in the cloud alone.
    """
    resources = [each for each in checkout.home.resources(stack) if each["type"] in TYPES]
    stored = _stored(checkout, stack)
    return [
        *(f"{_name(each['resource'])}: {each['type']} is pending" for each in _pending(checkout.home, stack)),
        *_repeated(resources),
        *(problem for each in resources for problem in _resource(each, stored)),
        *_unknown(resources, stored),
    ]


def leaks(home: Home, secrets: Iterable[str]) -> list[str]:
    """The files of the state directory that contain one of these values, as it is or as a JSON string."""
    forms = {form.encode() for each in secrets for form in _forms(each)}
    files = sorted(path for path in home.path.rglob("*") if path.is_file())
    return [
        str(path.relative_to(home.path))
        for path in files
        if (text := path.read_bytes()) and any(map(text.count, forms))
    ]


def _forms(secret: str) -> Iterator[str]:
    """The value, and how Python and Go write it in JSON, also in a JSON document that is itself a string."""
    yield secret
    for text in (quoted := json.dumps(secret)[1:-1], _go(quoted)):
        yield text
        yield json.dumps(text)[1:-1]


def _go(text: str) -> str:
    """https://pkg.go.dev/encoding/json#Marshal escapes what HTML would read."""
    for each in "<>&":
        text = text.replace(each, f"\\u{ord(each):04x}")
    return text


def _pending(home: Home, stack: str) -> list[dict[str, Any]]:
    """The operations in Pulumi's state whose end is unknown."""
    for file in (home.path / "state").glob(f".pulumi/stacks/*/{stack}.json"):
        return json.loads(file.read_text())["checkpoint"]["latest"].get("pending_operations") or []
    return []


def _stored(checkout: Checkout, stack: str) -> dict[tuple[str, str], Object]:
    """The objects in the cloud that resources of this stack created, by type and ID."""
    own = (stack, checkout.simulator.program.project)
    with checkout.home.store() as store:
        return {
            (kind, each.id): each for kind in TYPES for each in store.find(kind) if (each.stack, each.project) == own
        }


def _repeated(resources: list[Resource]) -> Iterator[str]:
    """Two resources that are one object of the cloud."""
    for (kind, physical_id), count in Counter((each["type"], each["id"]) for each in resources).items():
        if count > 1:
            yield f"{kind} {physical_id}: {count} resources of the state"


def _resource(resource: Resource, stored: dict[tuple[str, str], Object]) -> Iterator[str]:
    name = _name(resource)
    if resource.get("delete"):
        yield f"{name}: its former object is still to be deleted"
    if errors := resource.get("initErrors"):
        yield f"{name}: {'; '.join(errors)}"
    found = stored.get((resource["type"], resource["id"]))
    if found is None:
        yield f"{name}: {resource['id']} is not in the cloud"
    else:
        yield from (f"{name}: {key} is another one in the cloud" for key in _drift(resource, found))


def _drift(resource: Resource, object: Object) -> Iterator[str]:
    """The inputs whose values in the cloud differ from those in the state, as far as a value can be compared."""
    kind = TYPES[resource["type"]]
    skipped = kind.ignore_changes | kind.kept.keys() | kind.failure.unreadable - {DEPLOYS}
    skipped |= OF_ECS.get(resource["type"], set())
    for key, value in resource["inputs"].items():
        known = object.properties.get(key)
        is_compared = not key.startswith("__") and key not in skipped
        if is_compared and known != REDACTED and not holds_secret(value) and known != plain(value):
            yield key


def _unknown(resources: list[Resource], stored: dict[tuple[str, str], Object]) -> Iterator[str]:
    """The objects that belong to no resource of the state and are not retained on purpose."""
    known = {(each["type"], each["id"]) for each in resources}
    for key, each in stored.items():
        if key not in known and not TYPES[each.kind].retained_on_delete(each.properties):
            yield f"{each.urn.rpartition('::')[2]}: {each.id} is in the cloud, but not in the state"


def _name(resource: Resource) -> str:
    return resource["urn"].rpartition("::")[2]
