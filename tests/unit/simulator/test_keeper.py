from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

from simulator import keeper
from simulator.serving import LOOPBACK


def put(url: str, operation: str, **data: str) -> dict[str, str]:
    """The answer to a request that the engine sends.

    https://developer.hashicorp.com/vault/api-docs/secret/transit
    """
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.request("PUT", f"/v1/transit/{operation}/simulator", json.dumps(data))
        return json.load(connection.getresponse())["data"]


def test_a_key_that_was_encrypted_is_decrypted_to_itself_also_by_a_later_process() -> None:
    with keeper.serving(LOOPBACK) as url:
        encrypted = put(url, "encrypt", plaintext="a2V5")["ciphertext"]
    with keeper.serving(LOOPBACK) as url:
        assert put(url, "decrypt", ciphertext=encrypted) == {"plaintext": "a2V5"}
