from __future__ import annotations

import gzip
import json
from contextlib import closing
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from simulator import service
from simulator.locks import Holder
from simulator.serving import LOOPBACK
from simulator.state import State

UPDATE = "/api/stacks/organization/marginalia/dev/update"
TOPIC = {"urn": "topic", "custom": True, "type": "aws:sns/topic:Topic"}
CREATED = {"kind": 1, "operationID": 1, "state": TOPIC}


@pytest.fixture
def state(tmp_path: Path) -> State:
    """The state of a stack that exists and was never deployed."""
    checkpoint = tmp_path / "state/.pulumi/stacks/marginalia/dev.json"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_text('{"version": 3, "checkpoint": {"stack": "organization/marginalia/dev"}}')
    return State(tmp_path, "dev")


def engine() -> Holder:
    return replace(Holder.current(), pid=20417)


def entries(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"entries": entries}).encode()


def test_steps_are_in_the_state_at_once_and_in_the_checkpoint_once_settled(state: State) -> None:
    state.begin(engine())
    state.append(entries(CREATED))
    assert state.deployment()["resources"] == [TOPIC], "a reader sees what an update that runs did so far"
    state.settle()
    assert not state.journal.exists()
    assert state.checkpoint
    written = json.loads(state.checkpoint.read_text())
    assert written["checkpoint"]["stack"] == "organization/marginalia/dev"
    assert written["checkpoint"]["latest"]["resources"] == [TOPIC]


def test_a_step_whose_record_is_incomplete_did_not_happen(state: State) -> None:
    state.begin(engine())
    state.append(entries(CREATED))
    with state.journal.open("ab") as file:
        file.write(entries({**CREATED, "operationID": 2})[:-5])
    assert state.deployment()["resources"] == [TOPIC], "the engine waits for the record before it acts"


def test_a_checkpoint_that_was_written_while_the_journal_remained_is_the_same_state(state: State) -> None:
    state.begin(engine())
    state.append(entries(CREATED))
    journal = state.journal.read_bytes()
    state.settle()
    state.journal.write_bytes(journal)  # as if it was killed between the two
    assert state.deployment()["resources"] == [TOPIC], "a step is not applied twice"


def test_an_update_is_locked_by_its_engine_until_it_is_complete(state: State) -> None:
    state.begin(engine())
    assert state.engine() == replace(engine(), timestamp=state.engine().timestamp)  # pyright: ignore[reportOptionalMemberAccess]
    state.complete()
    assert state.engine() is None


def request(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any]:
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, json.load(answer)


def test_the_service_records_the_steps_that_an_engine_sends(state: State) -> None:
    compressed = {"Content-Encoding": "gzip"}
    with service.serving(LOOPBACK, state, engine) as variables:
        url = variables["PULUMI_BACKEND_URL"]
        assert request(url, "POST", UPDATE) == (200, {"updateID": "1"})
        status, started = request(url, "POST", f"{UPDATE}/1")
        assert (status, started["journalVersion"]) == (200, 1), "otherwise the engine sends its whole state"
        request(url, "PATCH", f"{UPDATE}/1/journalentries", gzip.compress(entries(CREATED)), **compressed)
        assert state.deployment()["resources"] == [TOPIC]
        assert state.engine(), "a second update must see the first"
        request(url, "POST", f"{UPDATE}/1/complete")
    assert state.engine() is None


def test_a_request_that_is_not_simulated_is_not_found(state: State) -> None:
    with service.serving(LOOPBACK, state, engine) as variables:
        status, answer = request(variables["PULUMI_BACKEND_URL"], "GET", "/api/orgs/organization/policypacks")
    assert (status, answer) == (404, {"code": 404, "message": "not simulated"})


def test_an_engine_that_is_ended_while_it_asks_leaves_no_traceback(
    state: State, capfd: pytest.CaptureFixture[str]
) -> None:
    with service.serving(LOOPBACK, state, engine) as variables:
        address = urlsplit(variables["PULUMI_BACKEND_URL"])
        with closing(HTTPConnection(address.netloc, timeout=10)) as connection:
            connection.putrequest("PATCH", f"{UPDATE}/1/journalentries")
            connection.putheader("Content-Length", "9")
            connection.putheader("Content-Encoding", "gzip")
            connection.endheaders(b"{")
    assert capfd.readouterr().err == ""
