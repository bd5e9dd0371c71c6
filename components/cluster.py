"""The ECS cluster, its capacity providers and its Service Connect namespace."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    cluster_name: str
    """Name of the cluster and of its Service Connect namespace."""
    insights: bool
    """Enables Container Insights, which is billed per metric."""


class Cluster(ComponentResource):
    """A cluster with the capacity providers FARGATE and FARGATE_SPOT.

    Depend on the component, not on its ARN: ECS rejects a strategy until the capacity providers are associated.
    """

    arn: Output[str]
    name: Output[str]
    namespace_arn: Output[str]

    def __init__(self, name: str, args: ClusterArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:cluster:Cluster", name, None, opts)
        child = ResourceOptions(parent=self)

        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            name=args.cluster_name,
            settings=[
                aws.ecs.ClusterSettingArgs(name="containerInsights", value="enabled" if args.insights else "disabled")
            ],
            opts=child,
        )
        aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            opts=child,
        )
        namespace = aws.servicediscovery.HttpNamespace(f"{name}-namespace", name=args.cluster_name, opts=child)

        self.arn = cluster.arn
        self.name = cluster.name
        self.namespace_arn = namespace.arn
        self.register_outputs({"arn": self.arn, "name": self.name, "namespace_arn": self.namespace_arn})
