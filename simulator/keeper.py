"""Answers in place of the service with the key of Pulumi's state, as HashiCorp Vault does. The key protects nothing.

From a passphrase, the engine derives the key in each command with a million rounds, which take 0.3 s.
https://www.pulumi.com/docs/iac/concepts/secrets/#changing-the-secrets-provider-for-a-stack
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

URL = "hashivault://simulator"
"""The stack's secrets provider."""
PREFIX = "vault:v1:"
"""Of a ciphertext."""


@contextmanager
def serving(host: str) -> Generator[str]:
    """Serves the key on a free port of this host. Yields the value of VAULT_SERVER_URL for the engine."""
    with _Server((host, 0), _Keeper) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://{host}:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Prints no traceback: an engine that was ended needs no answer, and another one reports that it got none."""


class _Keeper(BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        given: dict[str, str] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if text := given.get("plaintext"):
            data = {"ciphertext": PREFIX + text}
        else:
            data = {"plaintext": given["ciphertext"].removeprefix(PREFIX)}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": data}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Prints no line for each request."""
