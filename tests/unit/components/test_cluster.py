from __future__ import annotations

import pytest

from tests.declared import declare
from tests.unit.components import build

CLUSTER = "aws:ecs/cluster:Cluster"


@pytest.mark.parametrize(("insights", "value"), [(True, "enabled"), (False, "disabled")])
def test_the_cluster_has_container_insights_exactly_when_the_stack_says_so(insights: bool, value: str) -> None:
    assert declare(lambda: build.cluster(insights=insights)).one(CLUSTER, "cluster-cluster").inputs == {
        "name": "mrgnl",
        "settings": [{"name": "containerInsights", "value": value}],
    }


def test_both_kinds_of_fargate_are_associated_with_the_cluster() -> None:
    capacity = declare(build.cluster).one(
        "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders", "cluster-capacity"
    )
    assert capacity.inputs == {"clusterName": "mrgnl", "capacityProviders": ["FARGATE", "FARGATE_SPOT"]}


def test_services_find_each_other_in_a_namespace_of_the_clusters_name() -> None:
    [namespace] = declare(build.cluster).of("aws:servicediscovery/httpNamespace:HttpNamespace").values()
    assert namespace.inputs == {"name": "mrgnl"}
