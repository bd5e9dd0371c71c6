from __future__ import annotations

import json
import socket
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

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


def test_an_engine_that_is_ended_while_it_asks_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with keeper.serving(LOOPBACK) as url:
        [host, port] = urlsplit(url).netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"PUT /v1/transit/decrypt/simulator HTTP/1.1\r\nContent-Length: 9\r\n\r\n{")
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(1) == b"", "the keeper ends the connection after it noticed"
    assert capfd.readouterr().err == ""
