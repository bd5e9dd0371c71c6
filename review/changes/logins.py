"""What a change of `database.logins` or of `password-revision` means: who logs in as whom, and what comes next.

docs/adr/0017-each-service-has-two-logins.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from config.job import LOGINS
from ecs import types
from ecs.database import LOGIN_PREFIX, LoginMode, login
from review.changes.concerns.concern import Concern, at, containers
from review.deployment.state import State
from review.nouns import listed

ROTATED = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"
SHARED = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_managed.html"
MASTER = "the master user"
FIRST = f"the job {LOGINS.name} creates these logins once, before any service is deployed"
MEANWHILE = "tasks of a former revision cannot open connections, nor can ECS roll back to it"


@dataclass(frozen=True, kw_only=True)
class Logins:
    mode: LoginMode
    names: Mapping[str, str]
    """The login in use of each service or job; empty in the mode `shared`."""
    revision: str
    """Of the master user's password; empty if RDS manages it."""


def of(state: State) -> Logins:
    names = {service: login(service, "a" if letter == "a" else "b") for service, letter in _in_use(state)}
    managed = any(each.inputs.get("manageMasterUserPassword") for each in state.of(types.DB_INSTANCE))
    passwords = [each for each in state.of(types.RANDOM_PASSWORD) if each.name == "database-password"]
    return Logins(
        mode="shared" if LOGINS.name not in state.jobs else "own" if managed else "moving",
        names=dict(sorted(names.items())),
        revision="".join(str(at(each.inputs, "keepers.revision")) for each in passwords),
    )


def _in_use(state: State) -> Iterator[tuple[str, str]]:
    """Each service or job with the letter of its login, from the secrets that the job reads."""
    job = state.jobs.get(LOGINS.name)
    for container in containers(job.inputs).values() if job else ():
        for secret in container.get("secrets", ()):
            if secret["name"].startswith(LOGIN_PREFIX):
                service, _, letter = secret["valueFrom"].partition(":::")[0].rpartition("-")
                yield service.removeprefix("database-url-"), letter


def texts(before: State, after: State) -> Iterator[str]:
    """Sentences without a full stop, in the order in which they happen."""
    old, new = of(before), of(after)
    if old.mode != new.mode:
        yield f"database.logins: {old.mode} → {new.mode}"
        yield from _moved(old, new)
    elif new.mode == "shared" and old.revision != new.revision:
        yield f"the password of {MASTER}, as whom every service logs in, changes"
    elif changed := [name for name in new.names if name in old.names and old.names[name] != new.names[name]]:
        pairs = [f"{old.names[name]} → {new.names[name]}" for name in changed]
        yield f"each service changes to its other login, which gets a new password: {listed(pairs)}"
        yield "the former logins keep their passwords: running tasks and a rollback can connect"
        yield "rotate again only when every service has been deployed: an earlier rotation is refused"


def _moved(old: Logins, new: Logins) -> Iterator[str]:
    if new.mode == "shared":
        yield f"every service is {MASTER} again, one rollout after the other; the logins stay in the database"
        return
    if old.mode == "shared":
        yield f"each service gets a login of its own: {listed([*new.names.values()])}"
        yield f"{FIRST}, and gives the tables to one role; for a moment it locks each of them"
    if new.mode == "own":
        yield f"RDS gives {MASTER} another password and keeps it: only the job {LOGINS.name} reads it"
        yield f"refused while ECS runs a revision that is {MASTER}: deploy moving first, and wait until it is steady"
    elif old.mode == "own":
        yield f"the program gives {MASTER} a password again; the services keep their logins, and none is deployed"
    else:
        yield f"tasks of before stay connected as {MASTER}, and their revisions can start again"
        yield "next: when every service is steady, set database.logins to own; until then the former URL is valid"


def lockouts(before: State, after: State) -> Iterator[Concern]:
    """The revisions that cannot log in any more."""
    old, new = of(before), of(after)
    text = source = ""
    if new.mode == "own" != old.mode:
        text, source = f"a revision that is {MASTER} of the database cannot start again: no rollback to it", ROTATED
    elif new.mode == "shared" != old.mode:
        text, source = f"every service is {MASTER} of the database; until its rollout ends, {MEANWHILE}", SHARED
    elif new.mode == "shared" and old.revision != new.revision:
        text, source = f"until the rollout of each service ends, {MEANWHILE}", SHARED
    if text:
        yield Concern(severity="warning", topic="logins", text=text, source=source)
