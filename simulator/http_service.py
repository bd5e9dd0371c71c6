"""Answers the engine on loopback in place of a service: the part that every such service has."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RD
from threading import Thread
from typing import Any


class Server(ThreadingHTTPServer):
    daemon_threads = False
    """So that requests under way are answered before it is closed: an engine may have been killed meanwhile."""

    def __init__(self, address: tuple[str, int], handler: type[Handler]) -> None:
        super().__init__(address, handler)
        self._connections = set[Any]()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Reads what has arrived, and waits for no further request."""
        for each in list(self._connections):
            with suppress(OSError):
                each.shutdown(SHUT_RD)
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Prints no traceback: an engine that was ended needs no answer, and another one reports that it got none."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Prints no line for each request."""


@contextmanager
def running(server: Server) -> Generator[str]:
    """Serves in a thread and closes the server afterwards. Yields its URL."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{server.server_address[0]}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
