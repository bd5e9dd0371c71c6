"""Answers in place of the service with the key of Pulumi's state, as HashiCorp Vault does. The key protects nothing.

From a passphrase, the engine derives the key in each command with a million rounds, which take 0.3 s.
https://www.pulumi.com/docs/iac/concepts/secrets/#changing-the-secrets-provider-for-a-stack
https://developer.hashicorp.com/vault/api-docs/secret/transit
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager

from simulator.http_service import Handler, Server, running

URL = "hashivault://simulator"
"""The stack's secrets provider."""
PREFIX = "vault:v1:"
"""Of a ciphertext."""


def serving(host: str) -> AbstractContextManager[str]:
    """Serves the key on a free port of this host. Yields the value of VAULT_SERVER_URL for the engine."""
    return running(Server((host, 0), _Keeper))


class _Keeper(Handler):
    def do_PUT(self) -> None:  # noqa: N802 - http.server finds it by name
        given: dict[str, str] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if text := given.get("plaintext"):
            data = {"ciphertext": PREFIX + text}
        else:
            data = {"plaintext": given["ciphertext"].removeprefix(PREFIX)}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"data": data}).encode())
