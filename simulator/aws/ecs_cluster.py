"""What CreateCluster and PutClusterCapacityProviders accept.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.values import is_known, mappings, number, other_than, outside, text, texts
from simulator.check import Checks
from simulator.cloud import Request

PUT = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"
cluster = Checks[Request](types.CLUSTER)
capacity_providers = Checks[Request](types.CAPACITY_PROVIDERS)


@cluster("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html")
def values_are_those_of_the_api(request: Request) -> Iterator[str]:
    """A cluster has up to 255 letters, numbers, underscores and hyphens as its name, and settings of the API."""
    code, name = "InvalidParameterException", request.inputs.get("name")
    if is_known(name) and not re.fullmatch(r"[0-9A-Za-z_-]{1,255}", str(name)):
        yield f"{code}: Cluster name {name!r} must have 1 to 255 letters, numbers, underscores and hyphens"
    for setting in mappings(request.inputs.get("settings")):
        allowed = [("name", ("containerInsights",)), ("value", ("enabled", "disabled", "enhanced"))]
        yield from other_than(code, setting, allowed)


@capacity_providers(PUT, confirmed="nobody")
def capacity_providers_are_those_of_fargate(request: Request) -> Iterator[str]:
    """The simulator knows no capacity provider but FARGATE and FARGATE_SPOT."""
    for provider in texts(request.inputs.get("capacityProviders")):
        if provider not in ("FARGATE", "FARGATE_SPOT"):
            yield f"InvalidParameterException: The specified capacity provider '{provider}' was not found"


@capacity_providers(PUT)
def the_default_strategy_is_of_the_cluster(request: Request) -> Iterator[str]:
    """The default strategy names capacity providers that are associated with the cluster, one of them with a base."""
    code, providers = "InvalidParameterException", texts(request.inputs.get("capacityProviders"))
    strategy = mappings(request.inputs.get("defaultCapacityProviderStrategies"))
    for each in strategy:
        if (provider := text(each.get("capacityProvider"))) not in providers:
            yield f"{code}: the default strategy names {provider}, which is not associated with the cluster"
        yield from outside(code, each, [("weight", 0, 1000), ("base", 0, 100_000)])
    if sum(bool(number(each.get("base"))) for each in strategy) > 1:
        yield f"{code}: Only one capacity provider in a strategy can have a base"
