from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from components.traffic_shift import TEST_HEADER
from tools.smoke import main

SERVING = {"AUTH_SERVICE": "SERVING", "CHAT_SERVICE": "SERVING"}


class Gateway(ThreadingHTTPServer):
    """A gateway with configurable health."""

    health = 200
    services: object = SERVING
    pings = 3
    """The number of pings before the stream ends."""
    headers: list[Message]
    """Of the requests."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Does nothing: a client may disconnect during a stream."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Gateway  # pyright: ignore[reportIncompatibleVariableOverride]  # a Gateway

    def do_GET(self) -> None:
        self.server.headers.append(self.headers)
        if self.path == "/sse":
            self.send_response(200)
            self.end_headers()
            for _ in range(self.server.pings):
                self.wfile.write(b"event: ping\ndata: {}\n\n")
        elif self.path == "/healthz":
            self.send_response(self.server.health)
            self.end_headers()
        else:
            healthy = self.server.services == SERVING
            self.send_response(200 if healthy else 503)
            self.end_headers()
            self.wfile.write(json.dumps({"services": self.server.services}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with Gateway(("127.0.0.1", 0), Handler) as server:
        server.headers = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def outcome(url: str, capsys: pytest.CaptureFixture[str], *, hold: str = "0.000001") -> tuple[int, str]:
    code = main([url, "--hold", hold])
    return code, capsys.readouterr().err.replace(url, "URL").strip()


def test_a_healthy_gateway_passes(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(gateway.url, capsys) == (0, "")


def test_an_unhealthy_callee_is_named(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.services = {**SERVING, "CHAT_SERVICE": "Unavailable"}
    assert outcome(gateway.url, capsys) == (1, "smoke: URL/: CHAT_SERVICE is Unavailable, not SERVING")


def test_an_unhealthy_gateway_is_reported(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.health = 503
    assert outcome(gateway.url, capsys) == (1, "smoke: URL/healthz: 503 Service Unavailable")


def test_a_closed_stream_is_reported(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(gateway.url, capsys, hold="60") == (1, "smoke: URL/sse: the stream was closed after 0 s")


def test_with_green_every_request_has_the_header_that_leads_to_the_new_tasks(gateway: Gateway) -> None:
    assert main([gateway.url, "--green", "--hold", "0.000001"]) == 0
    name, value = TEST_HEADER
    assert [each.get(name) for each in gateway.headers] == [value] * 3
    gateway.headers.clear()
    assert main([gateway.url]) == 0
    assert [each.get(name) for each in gateway.headers] == [None] * 2, "it would test tasks without traffic"


def test_no_stream_is_opened_unless_seconds_are_given(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.pings = 0
    assert main([gateway.url]) == 0
    assert "/sse" not in capsys.readouterr().out
    assert outcome(gateway.url, capsys, hold="60") == (1, "smoke: URL/sse: the stream was closed after 0 s")


@pytest.mark.parametrize("hold", ["a minute", "-1", "nan", "inf", ""])
def test_a_hold_that_is_no_number_of_seconds_is_one_message(hold: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["http://127.0.0.1", f"--hold={hold}"])
    assert exited.value.code == 2
    assert f"HOLD is {hold!r}: not a number of seconds, such as 65" in capsys.readouterr().err


def test_an_unexpected_response_is_reported(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    gateway.services = None
    code, message = outcome(gateway.url, capsys)
    assert (code, message.startswith("smoke: URL/: unexpected response")) == (1, True)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "api.marginalia.sh", ""])
def test_anything_but_an_http_url_is_rejected(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([url]) == 1
    expected = f"smoke: URL is {url!r}: not an http or https URL, such as https://api.marginalia.sh\n"
    assert capsys.readouterr().err == expected


def test_a_refused_connection_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}"
    code, message = outcome(url, capsys)
    assert (code, message) == (1, "smoke: URL/healthz: [Errno 111] Connection refused")
