"""The methods of boto3's CloudWatch client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecs import types
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Cloudwatch:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_alarms(self, **request: Any) -> Properties:
        """Those that `stateValue` of the stored object puts into this state; others are OK, as nothing is measured.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
        """
        found = [
            each.properties
            for each in self.store.located(types.METRIC_ALARM, self.account, self.region)
            if each.properties["name"].startswith(request["AlarmNamePrefix"])
            and each.properties.get("stateValue", "OK") == request["StateValue"]
        ]
        alarms = [
            {
                "AlarmName": each["name"],
                "StateValue": request["StateValue"],
                "StateReason": each.get("stateReason", "simulated"),
            }
            for each in found
        ]
        return {"MetricAlarms": alarms, "CompositeAlarms": []}
