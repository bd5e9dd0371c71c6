"""What the program declares on mocks, as an export of Pulumi's state for the estimate."""

from __future__ import annotations

from typing import Any

from cost.deployment import Deployment, read
from ecs import types
from tests.declared import REGION, Declared


def export(declared: Declared, region: str = REGION) -> list[dict[str, Any]]:
    """`deployment.resources`, with the provider of this region."""
    return [
        {
            "urn": each.urn,
            "type": each.type,
            "custom": each.options.custom,
            "id": each.id,
            "parent": each.options.parent,
            "inputs": {**each.inputs, "region": region} if each.type == types.AWS_PROVIDER else each.inputs,
            "propertyDependencies": {key: list(found.urns) for key, found in each.options.propertyDependencies.items()},
            "outputs": declared.exports() if each.type == types.STACK else {},
        }
        for each in declared.registrations
    ]


def deployment(declared: Declared, region: str = REGION) -> Deployment:
    return read(export(declared, region))
