"""Small deployments, as Pulumi exports them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from simulator.diff.changes import Changes, changes
from simulator.diff.state import states
from simulator.engine import Step
from simulator.provider import SIGNATURE

Raw = dict[str, Any]
PREFIX = "urn:pulumi:dev::marginalia::"
STACK = {"urn": f"{PREFIX}pulumi:pulumi:Stack::marginalia-dev", "type": "pulumi:pulumi:Stack"}
HIDDEN = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:cipher"}
SERVICE = "marginalia:service:Service"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
INSTANCE = "aws:rds/instance:Instance"


def component(name: str, type: str = SERVICE) -> Raw:
    return {"urn": f"{PREFIX}{type}::{name}", "type": type, "parent": STACK["urn"]}


def resource(type: str, name: str, parent: Raw, inputs: Raw | None = None, **more: Any) -> Raw:
    """With an id of its own; `more` is what else the state says of it."""
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


def urn(raw: Raw) -> str:
    return raw["urn"]


def service(name: str, *, sizes: tuple[int, int] = (256, 512), probe: int = 10, **container: Any) -> list[Raw]:
    """The component, its task definition and its ECS service. What is given replaces parts of the container."""
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
        "aws:ecs/taskDefinition:TaskDefinition",
        f"{name}-task-definition",
        parent,
        {"cpu": str(sizes[0]), "memory": str(sizes[1]), "containerDefinitions": json.dumps([definition])},
    )
    return [parent, task, resource("aws:ecs/service:Service", f"{name}-service", parent, {"name": name})]


def compared(before: Iterable[Raw], after: Iterable[Raw], *steps: tuple[str, Raw]) -> Changes:
    """What these steps, each an operation and the resource, mean."""
    done = [Step(operation, urn(each)) for operation, each in steps]
    return changes("dev", *states([STACK, *before], [STACK, *after]), done)
