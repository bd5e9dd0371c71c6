"""What an engine that was killed had requested is carried out before the next command begins."""

from __future__ import annotations

import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from threading import Event
from typing import Any, cast

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from simulator import http_service, service
from simulator.locks import Holder
from simulator.provider import Provider
from simulator.sdk import plugin_pb2, provider_pb2_grpc
from simulator.serving import LOOPBACK, serving
from simulator.state import State
from tests.declared import ROOT

SOON = 30
"""Seconds, after which a test fails."""


def work() -> None:
    """Something that takes longer than a server that does not wait for it, and lets other threads run."""
    for _ in range(3_000_000):
        pass


def test_a_provider_carries_out_the_requests_under_way_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    began, aborted, ended = Event(), Event(), Event()

    def respond(provider: Provider, request: object, context: grpc.ServicerContext) -> object:
        context.add_callback(aborted.set)
        began.set()
        assert aborted.wait(SOON)
        work()
        ended.set()
        return plugin_pb2.PluginInfo()

    monkeypatch.setattr(Provider, "GetPluginInfo", respond)
    with serving(cast(Any, None), {}, {"random": ""}) as providers:
        channel = grpc.insecure_channel(f"{LOOPBACK}:{providers.partition(':')[2]}")
        answer = cast(Any, provider_pb2_grpc.ResourceProviderStub(channel)).GetPluginInfo.future(Empty())
        assert began.wait(SOON), answer
    assert ended.is_set(), "it would change the cloud while the next update reads it, or after the store is closed"


def test_a_step_that_the_engine_sent_is_recorded_before_its_backend_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    began, closing, recorded = Event(), Event(), Event()

    def append(state: State, entries: bytes) -> None:
        began.set()
        assert closing.wait(SOON)
        work()
        recorded.set()

    def shutdown(server: http_service.Server) -> None:
        closing.set()
        stop(server)

    stop = http_service.Server.shutdown
    monkeypatch.setattr(State, "append", append)
    monkeypatch.setattr(http_service.Server, "shutdown", shutdown)
    state = State(Path("nowhere"), "dev")
    with service.serving(LOOPBACK, state, lambda: Holder.engine(1)) as backend:
        engine = HTTPConnection(backend["PULUMI_BACKEND_URL"].removeprefix("http://"))
        engine.request("PATCH", "/api/stacks/organization/marginalia/dev/update/1/journalentries", body="{}")
        assert began.wait(SOON)
        engine.close()
    assert recorded.is_set(), "it would begin another journal, which the next command applied to the wrong state"


def test_a_connection_that_requests_nothing_does_not_keep_the_backend() -> None:
    with service.serving(LOOPBACK, State(Path("nowhere"), "dev"), lambda: Holder.engine(1)) as backend:
        somebody = HTTPConnection(backend["PULUMI_BACKEND_URL"].removeprefix("http://"))
        somebody.request("GET", "/api/user")
        assert somebody.getresponse().read()
    assert somebody.sock.recv(1) == b"", "the backend waited for its next request"


STORE = """
import itertools, sqlite3, sys, threading
from simulator.store import Store

for _ in range(200):
    store, reads = Store(":memory:"), threading.Event()

    def read():
        try:
            for _ in itertools.count():
                store.find("kind")
                reads.set()
        except sqlite3.ProgrammingError:
            pass

    threads = [threading.Thread(target=read) for _ in range(3)]
    for each in threads:
        each.start()
    assert reads.wait(30)
    store.close()
    for each in threads:
        each.join()
print("closed")
"""


def test_a_store_that_is_closed_while_threads_read_it_ends_no_process() -> None:
    run = subprocess.run([sys.executable, "-c", STORE], cwd=ROOT, capture_output=True, text=True, timeout=SOON)
    assert (run.returncode, run.stdout, run.stderr) == (0, "closed\n", "")
