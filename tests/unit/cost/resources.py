"""Small deployments for the estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cost.deployment import Deployment, Resource
from cost.estimate import Estimate, estimate


def resource(
    type: str,
    name: str = "it",
    inputs: Mapping[str, Any] | None = None,
    *,
    component: str = "",
    references: Mapping[str, Sequence[Resource]] | None = None,
) -> Resource:
    """Its URN is its name."""
    return Resource(
        urn=name,
        type=type,
        name=name,
        component=component,
        inputs=inputs or {},
        references={key: [each.urn for each in found] for key, found in (references or {}).items()},
    )


def deployment(*resources: Resource, region: str = "us-east-1", **expect: float) -> Deployment:
    """The keys of `expect` have underscores here."""
    expected = {key.replace("_", "-"): value for key, value in expect.items()}
    return Deployment(region=region, resources={each.urn: each for each in resources}, expect=expected)


def estimated(*resources: Resource, region: str = "us-east-1", **expect: float) -> Estimate:
    return estimate(deployment(*resources, region=region, **expect))
