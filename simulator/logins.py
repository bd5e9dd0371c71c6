"""Whether a task can log in to its database. The store has the SHA-256 of a password, never the password."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

from ecs import types
from simulator.store import Properties, Store

PASSWORD = "passwordSha256"
"""The internal property of a database instance."""
LOGIN = "login"
"""The internal property of a secret's version: the host, the port and the PASSWORD of the URL that it contains."""


def digest(password: str | None) -> str | None:
    return hashlib.sha256(password.encode()).hexdigest() if password else None


def in_url(value: str) -> Properties | None:
    """The LOGIN in a secret's value; None if it is no URL with a password."""
    try:
        url = urlsplit(value)
        return {"host": url.hostname, "port": url.port, PASSWORD: digest(url.password)} if url.password else None
    except ValueError:
        return None


def is_refused(store: Store, task: Properties) -> bool:
    """Whether a task with this definition reads a version of a secret with a password that its database refuses."""
    references = [
        secret["valueFrom"]
        for container in json.loads(task["containerDefinitions"])
        for secret in container.get("secrets", [])
    ]
    logins = {each.id: each.properties.get(LOGIN) for each in store.find(types.SECRET_VERSION)}
    # A reference is `<ARN of the secret>:::<version>`, the ID of a version `<ARN of the secret>|<version>`.
    read = filter(None, (logins.get(each.replace(":::", "|")) for each in references))
    return any(
        instance.properties.get(PASSWORD) != login[PASSWORD]
        for login in read
        for instance in store.find(types.DB_INSTANCE, address=login["host"])
    )
