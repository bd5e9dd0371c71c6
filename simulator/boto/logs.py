"""The methods of boto3's CloudWatch Logs client that ops uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ecs import types
from simulator import clock
from simulator.aws import ecs_runs, ecs_tasks
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Logs:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def filter_log_events(self, *, logGroupName: str, startTime: int = 0, **request: str) -> Properties:  # noqa: N803
        """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""
        self._require(logGroupName, "FilterLogEvents")
        prefix = request.get("logStreamNamePrefix", "")
        found = [
            {
                "logStreamName": stream,
                "timestamp": _milliseconds(at),
                "message": message,
                "ingestionTime": _milliseconds(at),
                "eventId": ecs_tasks.number(stream, str(at), message),
            }
            for stream, at, message in self._lines(logGroupName)
            if stream.startswith(prefix) and _milliseconds(at) >= startTime
        ]
        return {"events": sorted(found, key=lambda each: each["timestamp"]), "searchedLogStreams": []}

    def get_log_events(self, *, logGroupName: str, logStreamName: str, **request: Any) -> Properties:  # noqa: N803
        """The last lines of a stream, or from its head those after `nextToken`.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
        """
        self._require(logGroupName, "GetLogEvents")
        found = [(at, message) for stream, at, message in self._lines(logGroupName) if stream == logStreamName]
        if not found:
            message = "The specified log stream does not exist."
            raise client_error("GetLogEvents", "ResourceNotFoundException", message)
        events = [
            {"timestamp": _milliseconds(at), "message": message, "ingestionTime": _milliseconds(at)}
            for at, message in found
        ]
        begin = int(request.get("nextToken", "f/0")[2:]) if request.get("startFromHead") else -request["limit"]
        return {"events": events[begin:], "nextForwardToken": f"f/{len(events)}", "nextBackwardToken": "b/0"}

    def describe_log_streams(self, *, logGroupName: str, limit: int, **_: Any) -> Properties:  # noqa: N803
        """The streams of a group, the one with the last line first.

        https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
        """
        self._require(logGroupName, "DescribeLogStreams")
        began: dict[str, datetime] = {}
        for stream, at, _message in self._lines(logGroupName):
            began.setdefault(stream, at)
        newest = sorted(began.items(), key=lambda each: each[1], reverse=True)[:limit]
        return {"logStreams": [{"logStreamName": name, "creationTime": _milliseconds(at)} for name, at in newest]}

    def _lines(self, group: str) -> Iterator[tuple[str, datetime, str]]:
        """The stream, the time and the text of each line: those of the services' tasks."""
        for service in self.store.located(types.SERVICE, self.account, self.region):
            for task in ecs_tasks.tasks(self.store, service):
                for container in task.containers:
                    options = container.get("logConfiguration", {}).get("options", {})
                    if options.get("awslogs-group") != group:
                        continue
                    stream = f"{options.get('awslogs-stream-prefix', '')}/{container['name']}/{task.id}"
                    for number, line in enumerate(task.lines):
                        yield stream, task.started + timedelta(seconds=number + 1), line
        for task in self.store.located(ecs_runs.TASK, self.account, self.region):
            for container in ecs_runs.containers(self.store, task):
                options = container.get("logConfiguration", {}).get("options", {})
                stream = f"{options.get('awslogs-stream-prefix', '')}/{container['name']}/{task.id.rpartition('/')[2]}"
                for number, line in enumerate(
                    task.properties["lines"] if options.get("awslogs-group") == group else ()
                ):
                    yield stream, clock.before(clock.ROLLOUT_BEGAN) + timedelta(seconds=number + 1), line

    def _require(self, group: str, operation: str) -> None:
        if not self.store.located(types.LOG_GROUP, self.account, self.region, name=group):
            message = "The specified log group does not exist."
            raise client_error(operation, "ResourceNotFoundException", message)


def _milliseconds(at: datetime) -> int:
    """Since 1970, as CloudWatch Logs counts."""
    return int(at.timestamp() * 1000)
