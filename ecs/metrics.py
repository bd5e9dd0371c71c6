"""The metrics of CloudWatch that alarms and the dashboard read.

Each function returns the metric of one object, with the dimensions under which AWS publishes it. The values of the
dimensions are strings, or Inputs of Pulumi.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Metric:
    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"""
    period: int = 60
    """Seconds."""


def gateway(name: str, statistic: str, balancer: Any, target: Any = None) -> Metric:
    """A metric of the load balancer, or of one of its target groups; each by the suffix of its ARN.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    """
    dimensions = {"LoadBalancer": balancer, **({} if target is None else {"TargetGroup": target})}
    return Metric(namespace="AWS/ApplicationELB", name=name, dimensions=dimensions, statistic=statistic)


def service(name: str, statistic: str, cluster: Any, service: Any) -> Metric:
    """A metric of an ECS service. ECS publishes none while no task runs.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
    """
    dimensions = {"ClusterName": cluster, "ServiceName": service}
    return Metric(namespace="AWS/ECS", name=name, dimensions=dimensions, statistic=statistic)


def running_tasks(cluster: Any, name: Any) -> Metric:
    """The number of running tasks: each sends one sample a minute.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html#cw_running_task_count
    """
    return service("MemoryUtilization", "SampleCount", cluster, name)


def deployments(cluster: Any, service: Any) -> Metric:
    """The number of deployments, two during a rollout. Only with Container Insights.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
    """
    dimensions = {"ClusterName": cluster, "ServiceName": service}
    return Metric(namespace="ECS/ContainerInsights", name="DeploymentCount", dimensions=dimensions, statistic="Maximum")


def database(name: str, statistic: str, instance: Any) -> Metric:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html"""
    return Metric(namespace="AWS/RDS", name=name, dimensions={"DBInstanceIdentifier": instance}, statistic=statistic)


def nat(name: str, statistic: str, gateway: Any) -> Metric:
    """https://docs.aws.amazon.com/vpc/latest/userguide/metrics-dimensions-nat-gateway.html"""
    return Metric(namespace="AWS/NATGateway", name=name, dimensions={"NatGatewayId": gateway}, statistic=statistic)


def days_to_expiry(certificate: Any) -> Metric:
    """The days until a certificate expires, twice a day. https://docs.aws.amazon.com/acm/latest/userguide/cloudwatch-metrics.html"""
    return Metric(
        namespace="AWS/CertificateManager",
        name="DaysToExpiry",
        dimensions={"CertificateArn": certificate},
        statistic="Minimum",
        period=86_400,
    )


def schedules(name: str, group: Any) -> Metric:
    """A count of a group of schedules, in five minutes. EventBridge Scheduler measures no single schedule.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
    """
    return Metric(
        namespace="AWS/Scheduler", name=name, dimensions={"ScheduleGroup": group}, statistic="Sum", period=300
    )


def triggered(rule: Any) -> Metric:
    """The number of events that matched a rule.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    return Metric(namespace="AWS/Events", name="TriggeredRules", dimensions={"RuleName": rule}, statistic="Sum")
