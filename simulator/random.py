"""Simulated pulumi-random. The passwords are random indeed."""

from __future__ import annotations

import secrets
import string

from simulator.cloud import Call, ResourceType


def _password(call: Call) -> str:
    characters = (
        string.ascii_letters + string.digits + ("!@#$%&*()-_=+[]{}<>:?" if call.inputs.get("special", True) else "")
    )
    return "".join(secrets.choice(characters) for _ in range(int(call.inputs["length"])))


TYPES = {
    "random:index/randomId:RandomId": ResourceType(
        id="{hex}",
        outputs={"hex": lambda call: secrets.token_hex(int(call.inputs["byteLength"]))},
        replaces=frozenset({"byteLength", "keepers", "prefix"}),
    ),
    "random:index/randomPassword:RandomPassword": ResourceType(
        id="{hex}",
        outputs={"result": _password},
        secret_outputs=frozenset({"result"}),
        replaces=frozenset({"keepers", "length", "special"}),
    ),
}
