"""Answers the engine on loopback in place of a service: the part that every such service has."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Server(ThreadingHTTPServer):
    daemon_threads = False
    """So that requests under way are answered before it is closed: an engine may have been killed meanwhile."""

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
