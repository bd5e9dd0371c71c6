"""`logs` against moto, and on the simulated cloud."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from moto import mock_aws

from config.problems import UserError
from ecs import types
from ops import logs, logs_view
from ops.logs import Line, Selection
from simulator.clock import NOW
from tests.declared import STACKS
from tests.unit.ops.boto import client
from tests.unit.ops.simulated import Simulated, simulated

BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
"""Of the lines on moto, which rejects old ones as CloudWatch Logs does."""


class OnMoto:
    def __init__(self) -> None:
        self.client = client("logs")
        for service in ("mcp", "promptsvc"):
            self.client.create_log_group(logGroupName=f"/ecs/mrgnl-{service}")

    def write(self, service: str, second: int, message: str, stream: str = "task") -> None:
        where: Any = {"logGroupName": f"/ecs/mrgnl-{service}", "logStreamName": f"{stream}/{service}/1"}
        existing = self.client.describe_log_streams(logGroupName=where["logGroupName"])["logStreams"]
        if where["logStreamName"] not in [each["logStreamName"] for each in existing]:
            self.client.create_log_stream(**where)
        at = BEGIN + timedelta(seconds=second)
        event = {"timestamp": int(at.timestamp() * 1000), "message": message}
        self.client.put_log_events(**where, logEvents=[event])

    def read(self, *services: str, since: int = 0, pattern: str = "", proxy: bool = False) -> list[str]:
        selection = self.selection(*services, pattern=pattern, proxy=proxy)
        return [shown(each) for each in logs.read(self.client, selection, BEGIN + timedelta(seconds=since))]

    def selection(self, *services: str, pattern: str = "", proxy: bool = False) -> Selection:
        groups = {each: f"/ecs/mrgnl-{each}" for each in services or ("mcp", "promptsvc")}
        return Selection(groups=groups, pattern=re.compile(pattern), proxy=proxy)


def shown(line: Line) -> str:
    return f"{int((line.at - BEGIN).total_seconds())} {line.source} {line.message}"


@pytest.fixture
def moto() -> Generator[OnMoto]:
    with mock_aws():
        yield OnMoto()


def test_lines_of_several_services_are_in_the_order_of_their_times(moto: OnMoto) -> None:
    moto.write("mcp", 3, "third")
    moto.write("promptsvc", 2, "second\n")
    moto.write("mcp", 1, "first")
    assert moto.read() == ["1 mcp first", "2 promptsvc second", "3 mcp third"]
    assert moto.read("promptsvc") == ["2 promptsvc second"]


def test_lines_before_the_time_and_without_the_pattern_are_left_out(moto: OnMoto) -> None:
    for second, message in enumerate(("error a", "fine", "error b")):
        moto.write("mcp", second, message)
    assert moto.read(since=1, pattern="^err.*b$") == ["2 mcp error b"]


def test_lines_of_the_proxy_are_shown_only_if_they_are_requested(moto: OnMoto) -> None:
    moto.write("mcp", 1, "of the service")
    moto.write("mcp", 2, "of the proxy", stream="proxy")
    assert moto.read() == ["1 mcp of the service"]
    assert moto.read(proxy=True) == ["1 mcp of the service", "2 mcp/proxy of the proxy"]


def test_all_pages_are_read() -> None:
    event = {"timestamp": 0, "logStreamName": "task/mcp/1"}
    pages = {
        None: {"events": [{**event, "message": "one", "eventId": "1"}], "nextToken": "more"},
        "more": {"events": [{**event, "message": "two", "eventId": "2"}]},
    }

    class Pages:
        def filter_log_events(self, **request: Any) -> Any:
            return pages[request.get("nextToken")]

    selection = Selection(groups={"mcp": "/ecs/mrgnl-mcp"}, pattern=re.compile(""), proxy=False)
    assert [each.message for each in logs.read(Pages(), selection, BEGIN)] == ["one", "two"]


def test_following_yields_each_line_once_also_one_that_arrives_late(moto: OnMoto) -> None:
    moto.write("mcp", 10, "first")
    later = iter([(12, "second"), (11, "late")])
    clock = iter([BEGIN + timedelta(seconds=seconds) for seconds in (11, 13, 15, 17)])

    def wait() -> None:
        moto.write("mcp", *next(later))

    followed = logs.follow(moto.client, moto.selection(), BEGIN, lambda: next(clock), wait)
    assert [shown(each) for each in islice(followed, 3)] == ["10 mcp first", "12 mcp second", "11 mcp late"]


def test_a_group_that_does_not_exist_is_one_message(moto: OnMoto) -> None:
    with pytest.raises(UserError) as error:
        moto.read("chatsvc")
    assert str(error.value).startswith("chatsvc: the log group /ecs/mrgnl-chatsvc does not exist. ")


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7_200), ("7d", 604_800)])
def test_a_duration_is_a_number_with_a_unit(text: str, seconds: int) -> None:
    assert logs.duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "15", "m", "0.5m", "-1m", "1.5h", "1w", "15m "])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        logs.duration(text)


def on(cloud: Simulated, *services: str) -> list[Line]:
    reader, selection, _ = logs.select(cloud.cloud, "dev", STACKS, list(services), "", proxy=False)
    return logs.read(reader, selection, NOW - timedelta(minutes=15))


def test_its_permissions_are_those_of_the_requests_that_it_sends() -> None:
    cloud = simulated()
    assert {each.service for each in on(cloud)} == {"authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc"}
    assert sorted(cloud.actions) == sorted(logs.PERMISSIONS)


def test_the_simulated_lines_are_those_of_the_selected_services() -> None:
    assert {each.source for each in on(simulated(), "mcp")} == {"mcp"}


def test_a_service_without_a_log_group_is_one_message_with_the_next_command() -> None:
    cloud = simulated()
    cloud.store.remove(cloud.service("mcp"))
    with pytest.raises(UserError) as error:
        on(cloud, "mcp")
    assert str(error.value) == ("dev/mcp: has no log group in ECS. `python -m ops status dev --simulator` shows it.")


def test_a_deleted_simulated_log_group_is_one_message() -> None:
    cloud = simulated()
    for group in cloud.store.find(types.LOG_GROUP, name="/ecs/mrgnl-mcp"):
        cloud.store.remove(group)
    with pytest.raises(UserError, match=r"^mcp: the log group /ecs/mrgnl-mcp does not exist\."):
        on(cloud, "mcp")


def test_json_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = on(simulated(), "mcp")
    assert logs_view.show(lines, ["mcp"], as_json=True) == 1
    [text] = capsys.readouterr().out.splitlines()
    assert list(json.loads(text)) == ["time", "service", "stream", "message"]


def test_no_color_is_printed_but_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    logs_view.show(on(simulated()), ["mcp"], as_json=False)
    assert "\x1b" not in capsys.readouterr().out
