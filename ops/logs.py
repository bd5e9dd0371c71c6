"""`logs`: the lines of a stack's services and jobs, interleaved by time. Reads only.

https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from config.problems import UserError
from ops import job, stack
from ops.cloud import Cloud
from ops.errors import code

PERMISSIONS = (
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "logs:FilterLogEvents",
)
TASK, PROXY = "task/", "proxy/"
"""The beginnings of the log streams of the services' containers and of the proxies of Service Connect."""
LATE = timedelta(seconds=30)
"""How late a line may arrive in CloudWatch Logs and still be found by `--follow`."""
POLL = 2.0
"""Seconds between two readings of `--follow`, with one request or more for each service."""
DURATION = re.compile(r"(\d+)([smhd])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


class Logs(Protocol):
    """The methods of the boto3 client that this module uses."""

    def filter_log_events(self, **request: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class Line:
    at: datetime
    service: str
    stream: str
    """Such as task/mcp/0123…: the container and the task."""
    message: str
    id: str
    """Unique in its log group."""

    @property
    def source(self) -> str:
        """The service, and whether the line is its proxy's."""
        return f"{self.service}/proxy" if self.stream.startswith(PROXY) else self.service


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which lines to read."""

    groups: Mapping[str, str]
    """The log group of each service and job."""
    pattern: re.Pattern[str]
    proxy: bool
    """Whether to read the lines of the proxies, too."""


def duration(text: str) -> timedelta:
    """A time such as 90s, 15m, 2h or 7d. Raises ValueError."""
    found = DURATION.fullmatch(text)
    if not found:
        raise ValueError(text)
    return timedelta(seconds=int(found[1]) * SECONDS[found[2]])


def select(
    cloud: Cloud, name: str, root: Path, services: list[str], pattern: str, *, proxy: bool
) -> tuple[Logs, Selection, tuple[str, str]]:
    """The client, the selection, and the account with the region. Raises UserError.

    `services`: all of the stack if empty. `pattern`: a regular expression.
    """
    found = stack.deployed(cloud, name, root, services, jobs=True)
    groups = {each: found.running[each].log_group for each in found.selected(services) if each in found.running}
    groups |= {each: known.log_group for each, known in job.jobs(found).items() if each in services or not services}
    if missing := [each for each in found.selected(services) if not groups.get(each)]:
        status = cloud.verb(f"status {name}")
        raise UserError("\n".join(f"{name}/{each}: has no log group in ECS. `{status}` shows it." for each in missing))
    client: Logs = cloud.client("logs", found.account, found.region)
    selection = Selection(groups=groups, pattern=re.compile(pattern), proxy=proxy)
    return client, selection, (found.account, found.region)


def read(client: Logs, selection: Selection, since: datetime) -> list[Line]:
    """The selected lines since then, in the order of their times."""
    lines = [
        line
        for service, group in selection.groups.items()
        for line in _lines(client, service, group, since, proxy=selection.proxy)
        if selection.pattern.search(line.message)
    ]
    return sorted(lines, key=lambda each: each.at)


def follow(
    client: Logs, selection: Selection, since: datetime, now: Callable[[], datetime], wait: Callable[[], object]
) -> Iterator[Line]:
    """The selected lines since then, and each new one, without end. `wait` is called between two readings."""
    seen: dict[tuple[str, str], datetime] = {}
    while True:
        began = now()
        for line in read(client, selection, since):
            if (line.service, line.id) not in seen:
                seen[line.service, line.id] = line.at
                yield line
        since = max(since, began - LATE)
        seen = {key: at for key, at in seen.items() if at >= since}
        wait()


def _lines(client: Logs, service: str, group: str, since: datetime, *, proxy: bool) -> Iterator[Line]:
    request: dict[str, Any] = {"logGroupName": group, "startTime": int(since.timestamp() * 1000)}
    prefixes = (TASK, PROXY) if proxy else (TASK,)
    if not proxy:
        request["logStreamNamePrefix"] = TASK  # one at most; the proxies write much more
    try:
        while True:
            page = client.filter_log_events(**request)
            yield from (_line(service, each) for each in page["events"] if each["logStreamName"].startswith(prefixes))
            if not page.get("nextToken"):
                return
            request["nextToken"] = page["nextToken"]
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
        raise UserError(
            f"{service}: the log group {group} does not exist. Create it again by an update that refreshes."
        ) from None


def _line(service: str, event: dict[str, Any]) -> Line:
    return Line(
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        service=service,
        stream=event["logStreamName"],
        message=event["message"].rstrip("\n"),
        id=event["eventId"],
    )
