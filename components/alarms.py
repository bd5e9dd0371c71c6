"""One alarm of CloudWatch, which tells a topic when it is raised and when it is over."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_aws as aws
from pulumi import Input, ResourceOptions

from ecs.alarms import Alarm
from ecs.metrics import Metric


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Whom the alarms of a stack tell."""

    prefix: str
    """Begins the names of the alarms: `<prefix>-<alarm>`."""
    topic_arn: Input[str]
    """Of a topic whose policy lets CloudWatch publish."""


def declare(name: str, alarm: Alarm, receiver: Receiver, opts: ResourceOptions) -> aws.cloudwatch.MetricAlarm:
    [only, *others] = alarm.measured.values()
    is_single = not others and not alarm.expression
    percentile = only.statistic if only.statistic.startswith("p") else None
    return aws.cloudwatch.MetricAlarm(
        name,
        name=f"{receiver.prefix}-{alarm.name}",
        alarm_description=alarm.description,
        namespace=only.namespace if is_single else None,
        metric_name=only.name if is_single else None,
        dimensions=only.dimensions if is_single else None,
        statistic=only.statistic if is_single and not percentile else None,
        extended_statistic=percentile if is_single else None,
        period=only.period if is_single else None,
        metric_queries=None if is_single else _queries(alarm),
        comparison_operator=alarm.comparison,
        threshold=alarm.threshold,
        datapoints_to_alarm=alarm.datapoints,
        evaluation_periods=alarm.periods,
        treat_missing_data=alarm.missing,
        alarm_actions=[receiver.topic_arn],
        ok_actions=[receiver.topic_arn],
        opts=opts,
    )


def _queries(alarm: Alarm) -> list[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    """The expression, whose value the alarm watches, and its metrics."""
    result = aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id="result", expression=alarm.expression, label=alarm.name, return_data=True
    )
    metrics = [
        aws.cloudwatch.MetricAlarmMetricQueryArgs(id=key, metric=_metric(each)) for key, each in alarm.measured.items()
    ]
    return [result, *metrics]


def _metric(metric: Metric) -> aws.cloudwatch.MetricAlarmMetricQueryMetricArgs:
    return aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
        namespace=metric.namespace,
        metric_name=metric.name,
        dimensions=metric.dimensions,
        stat=metric.statistic,
        period=metric.period,
    )
