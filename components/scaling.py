"""How many tasks of a service run: as many as its load asks for, between two bounds."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

TARGETS = {"cpu": ("ECSServiceAverageCPUUtilization", 60), "memory": ("ECSServiceAverageMemoryUtilization", 75)}
"""Percent of what the tasks have, on average: above it tasks are added, well below it they go.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html"""
COOL_DOWN = {"out": 60, "in": 300}
"""Seconds of rest after a change: quick to add, slow to take away."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    cluster_name: Input[str]
    service_name: Input[str]
    """Of the ECS service, which must leave `desired_count` alone from its creation on."""
    min: int
    max: int


class Scaling(ComponentResource):
    def __init__(self, name: str, args: ScalingArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:service:Scaling", name, None, opts)
        child = ResourceOptions(parent=self)

        target = aws.appautoscaling.Target(
            f"{name}-target",
            service_namespace="ecs",
            resource_id=Output.concat("service/", args.cluster_name, "/", args.service_name),
            scalable_dimension="ecs:service:DesiredCount",
            min_capacity=args.min,
            max_capacity=args.max,
            opts=child,
        )
        for kind, (metric, percent) in TARGETS.items():
            aws.appautoscaling.Policy(
                f"{name}-{kind}",
                policy_type="TargetTrackingScaling",
                service_namespace=target.service_namespace,
                resource_id=target.resource_id,
                scalable_dimension=target.scalable_dimension,
                target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                    target_value=percent,
                    predefined_metric_specification=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=metric
                    ),
                    scale_out_cooldown=COOL_DOWN["out"],
                    scale_in_cooldown=COOL_DOWN["in"],
                ),
                opts=child,
            )

        self.register_outputs({})
