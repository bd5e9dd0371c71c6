"""Whether a task can log in to its database. The store has the SHA-256 of a password, never the password."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ecs import types
from ecs.database import LOGIN_PREFIX, OWNER_VARIABLE, PASSWORD_VARIABLE, URL_VARIABLE
from ecs.iam import secret_arn
from simulator.store import Object, Properties, Store

PASSWORD = "passwordSha256"
"""The internal property of a database instance: the master user's."""
LOGINS = "logins"
"""The internal property of a database instance: its other logins by name, each with the PASSWORD, the URN of the
resource whose job created it or changed its password, and the ID of that update."""
LOGIN = "login"
"""The internal property of a secret's version: the host, the port, the user and the PASSWORD of the URL in it."""
SECRET = "secret"
"""The ARN of the secret that RDS manages, in place of the PASSWORD of a login."""
FAILED = "password authentication failed for user"
"""https://www.postgresql.org/docs/16/client-authentication-problems.html"""


def digest(password: str | None) -> str | None:
    return hashlib.sha256(password.encode()).hexdigest() if password else None


def in_url(value: str) -> Properties | None:
    """The LOGIN in a secret's value; None if it is no URL with a password."""
    try:
        url = urlsplit(value)
        login = {"host": url.hostname, "port": url.port, "user": url.username, PASSWORD: digest(url.password)}
        return login if url.password else None
    except ValueError:
        return None


def is_job(container: Properties) -> bool:
    """Whether a container runs image/logins, the job that creates logins."""
    return OWNER_VARIABLE in _variables(container)


def used(store: Store, containers: Iterable[Properties]) -> Iterator[Properties]:
    """The logins as which a task of these containers connects. One without a PASSWORD has the ARN of its SECRET."""
    for container in containers:
        for name, reference in _secrets(container).items():
            if name == PASSWORD_VARIABLE:
                url = urlsplit(_variables(container).get(URL_VARIABLE, ""))
                yield {"host": url.hostname, "user": url.username, SECRET: secret_arn(reference)}
            elif not (is_job(container) and name.startswith(LOGIN_PREFIX)):
                yield from _read(store, reference)


def is_refused(store: Store, definition: Properties) -> bool:
    """Whether a task with this definition reads a version of a secret with a login that its database refuses."""
    return any(
        not accepts(instance, login)
        for login in used(store, _containers(definition))
        for instance in store.find(types.DB_INSTANCE, address=login["host"])
    )


def accepts(instance: Object, login: Properties) -> bool:
    """Whether the database has the login, with this password. A replica has those of its source, which nobody knows."""
    if not instance.properties.get("username"):
        return True
    if SECRET in login:
        return login[SECRET] in [each["secretArn"] for each in instance.properties.get("masterUserSecrets", [])]
    return _password(instance, login) == login[PASSWORD]


def creator(instance: Object, login: Properties) -> Object | None:
    """The resource whose job created the login, as an object of the update that did; None for the master user."""
    found = instance.properties.get(LOGINS, {}).get(login.get("user"))
    return replace(instance, urn=found["urn"], run=found["run"]) if found else None


def apply(store: Store, definition: Properties, *, urn: str, run: str) -> None:
    """What a run of image/logins does to the databases, if the definition is that of such a task."""
    for container in filter(is_job, _containers(definition)):
        for name, reference in _secrets(container).items():
            for login in _read(store, reference) if name.startswith(LOGIN_PREFIX) else ():
                for instance in store.find(types.DB_INSTANCE, address=login["host"]):
                    _set(store, instance, login["user"], {PASSWORD: login[PASSWORD], "urn": urn, "run": run})


def _set(store: Store, instance: Object, name: str, login: Properties) -> None:
    logins = {**instance.properties.get(LOGINS, {}), name: login}
    store.put(replace(instance, properties={**instance.properties, LOGINS: logins}))


def _password(instance: Object, login: Properties) -> Any:
    """An older version of this repository stored no user: the master user was the only one."""
    user = login.get("user")
    if user in (None, instance.properties.get("username")):
        return instance.properties.get(PASSWORD)
    return instance.properties.get(LOGINS, {}).get(user, {}).get(PASSWORD)


def _containers(definition: Properties) -> list[Properties]:
    return json.loads(definition.get("containerDefinitions") or "[]")


def _variables(container: Properties) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in _listed(container, "environment") if "name" in each}


def _secrets(container: Properties) -> dict[str, str]:
    return {each["name"]: each["valueFrom"] for each in _listed(container, "secrets")}


def _listed(container: Properties, key: str) -> list[Properties]:
    return container.get(key) or []


def _read(store: Store, reference: str) -> Iterator[Properties]:
    """The login in the version of a secret that a `valueFrom` names, if it names one."""
    version = "".join(reference.split(":")[9:])
    for each in store.find(types.SECRET_VERSION, secretId=secret_arn(reference), versionId=version):
        if login := each.properties.get(LOGIN):
            yield login
