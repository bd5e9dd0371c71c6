"""Target tracking scaling of one ECS service, between a minimum and a maximum number of tasks."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import ComponentResource, Input, Output, ResourceOptions

TARGETS = {"cpu": ("ECSServiceAverageCPUUtilization", 60), "memory": ("ECSServiceAverageMemoryUtilization", 75)}
"""Target value of each metric, in percent of the tasks' CPU or memory: the average over all tasks.
https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html"""
COOLDOWN = {"out": 60, "in": 300}
"""Seconds between two scaling activities: short when adding tasks, long when removing them."""


@dataclass(frozen=True, kw_only=True)
class ScalingArgs:
    cluster_name: Input[str]
    service_name: Input[str]
    """Name of the ECS service, which must ignore changes of `desired_count`."""
    min: int
    max: int


class Scaling(ComponentResource):
    """A scalable target with one policy for CPU and one for memory."""

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
                    scale_out_cooldown=COOLDOWN["out"],
                    scale_in_cooldown=COOLDOWN["in"],
                ),
                opts=child,
            )

        self.register_outputs({})
