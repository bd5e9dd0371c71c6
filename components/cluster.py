"""The ECS cluster, its capacity and the namespace in which services find each other."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions


@dataclass(frozen=True, kw_only=True)
class ClusterArgs:
    cluster_name: str
    """Of the cluster and its Service Connect namespace."""
    insights: bool
    """Container Insights, which is billed by the metric."""


class Cluster(ComponentResource):
    """Fargate only. Whoever runs a service here depends on the whole component: on its capacity providers, too."""

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
