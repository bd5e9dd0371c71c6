"""Simulated pulumi-random. Passwords and IDs are really random."""

from __future__ import annotations

import secrets
import string

from ecs import types
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure


def _password(request: Request) -> str:
    characters = (
        string.ascii_letters + string.digits + ("!@#$%&*()-_=+[]{}<>:?" if request.inputs.get("special", True) else "")
    )
    return "".join(secrets.choice(characters) for _ in range(int(request.inputs["length"])))


TYPES = {
    types.RANDOM_ID: ResourceType(
        id="{hex}",
        outputs={"hex": lambda request: secrets.token_hex(int(request.inputs["byteLength"]))},
        replace_on_changes=frozenset({"byteLength", "keepers", "prefix"}),
        failure=Failure(sdk="framework", source="internal/provider/resource_id.go"),
    ),
    types.RANDOM_PASSWORD: ResourceType(
        id="{hex}",
        outputs={"result": _password},
        secret_outputs=frozenset({"result"}),
        replace_on_changes=frozenset({"keepers", "length", "special"}),
        failure=Failure(sdk="framework", source="internal/provider/resource_password.go"),
    ),
}
