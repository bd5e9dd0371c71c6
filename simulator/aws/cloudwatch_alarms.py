"""What PutMetricAlarm accepts, and which alarms can be raised at all.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecs import types
from simulator.aws import cloudwatch_metrics, sns
from simulator.aws.values import is_known, mapping, mappings, number, repeated, text, texts
from simulator.check import Checks
from simulator.cloud import Request

API = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"
QUERY = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html"
MATH = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html"
STATISTICS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html"
CODE = "ValidationError"
HOUR, DAY, WEEK = 3600, 86_400, 604_800
MOST_METRICS = 10
PLAIN = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
_NUMBER = r"\d{1,2}(\.\d{1,2})?|100"
EXTENDED = rf"(p|tm|wm|tc|ts)({_NUMBER})|IQM|(TM|WM|PR|TC|TS)\((\d+(\.\d+)?%?)?:(\d+(\.\d+)?%?)?\)"
"""https://github.com/hashicorp/terraform-provider-aws/blob/5f2286d6d836/internal/service/cloudwatch/metric_alarm.go"""

alarm = Checks[Request](types.METRIC_ALARM)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One metric that an alarm reads."""

    where: str
    """What the message calls it."""
    namespace: str
    name: str
    dimensions: cloudwatch_metrics.Dimensions
    statistic: str
    period: int | None


def measured(request: Request) -> Iterator[Measured]:
    """The metrics of an alarm, of its own or of its queries."""
    inputs = request.inputs
    if name := text(inputs.get("metricName")):
        yield Measured(
            where="the alarm",
            namespace=text(inputs.get("namespace")),
            name=name,
            dimensions=mapping(inputs.get("dimensions")),
            statistic=text(inputs.get("statistic")) or text(inputs.get("extendedStatistic")),
            period=number(inputs.get("period")),
        )
    for query in mappings(inputs.get("metricQueries")):
        if metric := mapping(query.get("metric")):
            yield Measured(
                where=f"the query {query.get('id')}",
                namespace=text(metric.get("namespace")),
                name=text(metric.get("metricName")),
                dimensions=mapping(metric.get("dimensions")),
                statistic=text(metric.get("stat")),
                period=number(metric.get("period")),
            )


@alarm(API)
def measures_a_metric_or_an_expression(request: Request) -> Iterator[str]:
    """An alarm has one metric with a namespace, a period and a statistic, or queries; and it compares."""
    inputs = request.inputs
    single, queries = inputs.get("metricName"), mappings(inputs.get("metricQueries"))
    if inputs.get("evaluationCriteria"):
        return
    if bool(single) == bool(queries):
        yield f"{CODE}: an alarm must have either a metricName or metricQueries"
    if single:
        for key in ("namespace", "period"):
            if not inputs.get(key):
                yield f"{CODE}: an alarm on a metric requires {key}"
        if bool(inputs.get("statistic")) == bool(inputs.get("extendedStatistic")):
            yield f"{CODE}: an alarm on a metric requires either a statistic or an extendedStatistic"
    for key in ("namespace", "dimensions", "period", "statistic", "extendedStatistic", "unit"):
        if queries and inputs.get(key):
            yield f"{CODE}: {key} does not belong to an alarm with metricQueries"
    for key in ("comparisonOperator", "evaluationPeriods"):
        if not inputs.get(key):
            yield f"{CODE}: an alarm requires {key}"
    if inputs.get("threshold") is None and not inputs.get("thresholdMetricId"):
        yield f"{CODE}: an alarm requires a threshold"


@alarm(QUERY)
def queries_are_one_expression_and_its_metrics(request: Request) -> Iterator[str]:
    """Queries have ids of their own, each a metric or an expression, and exactly one returns the data."""
    queries = mappings(request.inputs.get("metricQueries"))
    ids = [text(each.get("id")) for each in queries]
    for each in repeated(ids):
        yield f"{CODE}: the id {each} is more than once among the queries"
    for each in queries:
        if bool(each.get("expression")) == bool(each.get("metric")):
            yield f"{CODE}: the query {each.get('id')} must have either an expression or a metric"
    returned = [each.get("id") for each in queries if each.get("returnData")]
    if queries and len(returned) != 1:
        yield f"{CODE}: exactly one query must return data, not {len(returned)}: set returnData of it alone"
    if (metrics := sum(bool(each.get("metric")) for each in queries)) > MOST_METRICS:
        yield f"{CODE}: an alarm can have at most {MOST_METRICS} metrics, not {metrics}"


@alarm(MATH)
def an_expression_uses_the_ids_of_the_queries(request: Request) -> Iterator[str]:
    """Each name in lower case in an expression of metric math is the id of another query."""
    queries = mappings(request.inputs.get("metricQueries"))
    ids = {text(each.get("id")) for each in queries}
    for each in queries:
        expression = re.sub(r"'[^']*'|\"[^\"]*\"", "", text(each.get("expression")))
        if expression.upper().startswith(("SELECT", "SEARCH", "METRICS")):
            continue
        for name in dict.fromkeys(re.findall(r"(?<![A-Za-z0-9_.])[a-z]\w*", expression)):
            if name not in ids - {text(each.get("id"))}:
                yield f"{CODE}: Error in expression {each.get('id')!r}: Undefined variable {name}"


@alarm(STATISTICS)
def statistics_are_those_of_cloudwatch(request: Request) -> Iterator[str]:
    """A statistic is one of five, a percentile or a trimmed value such as p95, TM(5%:95%) or IQM."""
    for each in measured(request):
        if each.statistic and each.statistic not in PLAIN and not re.fullmatch(EXTENDED, each.statistic):
            yield f"{CODE}: the statistic {each.statistic!r} of {each.where} is none of CloudWatch"


@alarm(API, confirmed="botocore")
def periods_are_those_of_the_api(request: Request) -> Iterator[str]:
    """A period is 10, 20 or 30 seconds or whole minutes; all of them last a day, or a week with periods of an hour."""
    periods = number(request.inputs.get("evaluationPeriods"))
    points = number(request.inputs.get("datapointsToAlarm"))
    if periods is not None and points is not None and not 1 <= points <= periods:
        yield f"{CODE}: datapointsToAlarm must be from 1 to the {periods} evaluationPeriods, not {points}"
    for each in measured(request):
        if each.period is None:
            continue
        if each.period not in (10, 20, 30) and (each.period < 60 or each.period % 60):
            yield f"{CODE}: the period of {each.where} must be 10, 20, 30 or a multiple of 60, not {each.period}"
        longest = WEEK if each.period >= HOUR else DAY
        if periods and each.period * periods > longest:
            yield f"{CODE}: {periods} periods of {each.period} seconds are longer than {longest} seconds"


@alarm(API, confirmed="nobody")
def the_metric_is_published(request: Request) -> Iterator[str]:
    """Something publishes each metric that an alarm reads, under its dimensions and at least once in its period."""
    for each in measured(request):
        for reason in cloudwatch_metrics.unpublished(request, each.namespace, each.name, each.dimensions):
            yield f"INSUFFICIENT_DATA: {each.where} is never raised: {reason}"
        found = cloudwatch_metrics.find(each.namespace, each.name)
        if found and each.period and each.period < found.every:
            yield (
                f"INSUFFICIENT_DATA: {each.where} has periods of {each.period} seconds, and {each.name} a value every"
                f" {found.every} seconds"
            )


@alarm(API, confirmed="nobody")
def the_threshold_can_be_passed(request: Request) -> Iterator[str]:
    """A metric of AWS is never below 0, and one in percent never above 100: the threshold is between them."""
    inputs = request.inputs
    threshold, operator = inputs.get("threshold"), text(inputs.get("comparisonOperator"))
    found = cloudwatch_metrics.find(text(inputs.get("namespace")), text(inputs.get("metricName")))
    if found is None or not is_known(threshold) or not isinstance(threshold, int | float):
        return
    if operator.startswith("LessThan") and threshold < (0 if operator.endswith("OrEqualToThreshold") else 0.000001):
        yield f"OK: the alarm is never raised: {inputs['metricName']} is not less than {threshold:g}"
    highest = None if inputs.get("statistic") in ("SampleCount", "Sum") else found.maximum
    if highest is not None and operator == "GreaterThanThreshold" and threshold >= highest:
        yield f"OK: the alarm is never raised: {inputs['metricName']} is not greater than {threshold:g}"


@alarm("https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html")
def the_topic_takes_its_messages(request: Request) -> Iterator[str]:
    """The topics of an alarm are in its region and let CloudWatch publish."""
    inputs = request.inputs
    arn = f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm:{inputs.get('name')}"
    actions = [
        each for key in ("alarmActions", "okActions", "insufficientDataActions") for each in texts(inputs.get(key))
    ]
    for topic in dict.fromkeys(actions):
        yield from sns.refusals(request, topic, sns.CLOUDWATCH, arn)
