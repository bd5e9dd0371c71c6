"""The methods of boto3's CloudWatch client that ops uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.store import Properties, Store

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@dataclass(frozen=True, kw_only=True)
class Cloudwatch:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_alarms(self, *, AlarmNamePrefix: str, StateValue: str, AlarmTypes: Sequence[str]) -> Properties:  # noqa: N803
        """Those that `stateValue` of the stored object puts into this state; others are OK, as nothing is measured.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        """
        found = [
            each.properties
            for each in self.store.find(ALARM)
            if (each.account, each.region) == (self.account, self.region)
            and each.properties["name"].startswith(AlarmNamePrefix)
            and each.properties.get("stateValue", "OK") == StateValue
        ]
        alarms = [{"AlarmName": each["name"], "StateReason": each.get("stateReason", "simulated")} for each in found]
        return {"MetricAlarms": alarms if "MetricAlarm" in AlarmTypes else [], "CompositeAlarms": []}
