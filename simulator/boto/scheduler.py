"""The methods of boto3's EventBridge Scheduler client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from ecs import types
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Scheduler:
    """https://docs.aws.amazon.com/scheduler/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def get_schedule(self, *, GroupName: str, Name: str) -> Properties:  # noqa: N803, the names are those of boto3
        """https://docs.aws.amazon.com/scheduler/latest/APIReference/API_GetSchedule.html"""
        found = self.store.located(types.SCHEDULE, self.account, self.region, groupName=GroupName, name=Name)
        if not found:
            message = f"Schedule {Name} does not exist."
            raise client_error("GetSchedule", "ResourceNotFoundException", message)
        properties = found[0].properties
        return {
            "Name": Name,
            "GroupName": GroupName,
            "ScheduleExpression": properties["scheduleExpression"],
            "State": properties.get("state", "ENABLED"),
        }
