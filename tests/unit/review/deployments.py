"""Builds small deployments in the form of a Pulumi export."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ecs import types
from review.changes.stack import Changes, changes
from review.deployment.state import states
from simulator.engine import Step
from simulator.sdk import SECRET, SIGNATURE

Raw = dict[str, Any]
PREFIX = "urn:pulumi:dev::marginalia::"
STACK = {"urn": f"{PREFIX}pulumi:pulumi:Stack::marginalia-dev", "type": types.STACK}
ENCRYPTED = {SIGNATURE: SECRET, "ciphertext": "v1:cipher"}
SERVICE = "marginalia:service:Service"


def component(name: str, type: str = SERVICE, parent: Raw = STACK) -> Raw:
    chain = "" if parent is STACK else f"{parent['type']}$"
    return {"urn": f"{PREFIX}{chain}{type}::{name}", "type": type, "parent": parent["urn"]}


def resource(type: str, name: str, parent: Raw, inputs: Raw | None = None, **more: Any) -> Raw:
    """A resource with an id of its own; `more` are further fields of the export."""
    urn = f"{PREFIX}{parent['type']}${type}::{name}"
    return {
        "urn": urn,
        "type": type,
        "custom": True,
        "id": f"{name}-id",
        "parent": parent["urn"],
        "inputs": inputs or {},
        "outputs": inputs or {},
        **more,
    }


def references(**properties: Raw) -> Raw:
    """The dependencies that the engine records for properties whose values come from these resources."""
    return {"propertyDependencies": {key: [each["urn"]] for key, each in properties.items()}}


def urn(raw: Raw) -> str:
    return raw["urn"]


def service(name: str, *, sizes: tuple[int, int] = (256, 512), probe: int = 10, **container: Any) -> list[Raw]:
    """The component, its task definition and its ECS service. `container` overrides properties of the container."""
    parent = component(name)
    definition = {
        "name": name,
        "image": f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:{'a' * 64}",
        "environment": [{"name": "GRPC_PORT", "value": "9001"}],
        "secrets": [],
        "healthCheck": {"command": ["CMD", "/service", "-healthcheck"], "interval": probe},
        **container,
    }
    task = resource(
        types.TASK_DEFINITION,
        f"{name}-task-definition",
        parent,
        {"cpu": str(sizes[0]), "memory": str(sizes[1]), "containerDefinitions": json.dumps([definition])},
    )
    ecs = resource(types.SERVICE, f"{name}-service", parent, {"name": name}, **references(taskDefinition=task))
    return [parent, task, ecs]


def compared(before: Iterable[Raw], after: Iterable[Raw], *steps: tuple[str, Raw]) -> Changes:
    """The changes of these steps, each an operation and the resource."""
    engine_steps = [Step(operation, urn(each)) for operation, each in steps]
    return changes("dev", *states([STACK, *before], [STACK, *after]), engine_steps)
