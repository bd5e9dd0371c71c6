"""The house rule on whom a stack tells when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ecs import types
from policy.data import STORES
from policy.rule import Resource, of, stack_rule


@stack_rule(
    id="a-protected-stack-tells-somebody",
    description="A stack that protects its database has alarms, each with a topic that it tells.",
    fix="Add the section `alerts` to the stack file, with e-mail addresses or the ARN of a topic.",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
    advisory=True,
)
def a_protected_stack_tells_somebody(resources: Sequence[Resource]) -> Iterator[tuple[Resource, str]]:
    alarms = of(resources, types.METRIC_ALARM)
    for alarm in alarms:
        if not alarm.props.get("alarmActions") and "alarmActions" not in alarm.uses:
            yield alarm, "the alarm tells nobody"
    protected = sorted((each for each in of(resources, *STORES) if each.protect), key=lambda each: each.name)
    if protected and not alarms:
        yield protected[0], "it is protected, and nobody is told when something is wrong: the stack has no alarm"
