from __future__ import annotations

import pytest

from ecs import types
from tests.declared import declare
from tests.unit.components import build


@pytest.mark.parametrize(("insights", "value"), [(True, "enabled"), (False, "disabled")])
def test_insights_enables_container_insights(insights: bool, value: str) -> None:
    assert declare(lambda: build.cluster(insights=insights)).one(types.CLUSTER, "cluster-cluster").inputs == {
        "name": "mrgnl",
        "settings": [{"name": "containerInsights", "value": value}],
    }


def test_both_fargate_capacity_providers_are_associated_with_the_cluster() -> None:
    capacity = declare(build.cluster).one(types.CAPACITY_PROVIDERS, "cluster-capacity")
    assert capacity.inputs == {"clusterName": "mrgnl", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]}


def test_the_service_connect_namespace_has_the_name_of_the_cluster() -> None:
    [namespace] = declare(build.cluster).of(types.NAMESPACE).values()
    assert namespace.inputs == {"name": "mrgnl"}
