"""Which logins a database has, and which tasks can log in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ecs import types
from simulator import logins
from simulator.aws import start
from simulator.store import Object
from tests.unit.simulator.promptsvc import Promptsvc
from tests.unit.simulator.world import World

HOST = "mrgnl.us-east-1.rds.amazonaws.com"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:database-url-AbCdEf"
MANAGED = "arn:aws:secretsmanager:us-east-1:000000000000:secret:rds!db-1-AbCdEf"
MASTER = {"address": HOST, "username": "marginalia"}


def put(world: World, kind: str, id: str, **properties: object) -> None:
    where = {"account": "000000000000", "region": "us-east-1", "urn": "urn of " + id, "run": "first"}
    world.store.put(Object(kind=kind, id=id, properties=properties, **where))


def version(world: World, name: str, value: str) -> None:
    login = {logins.LOGIN: logins.in_url(value)}
    put(world, types.SECRET_VERSION, f"{SECRET}|{name}", secretId=SECRET, versionId=name, **login)


def task(environment: dict[str, str] | None = None, **references: str) -> dict[str, Any]:
    container = {
        "name": "promptsvc",
        "environment": [{"name": name, "value": value} for name, value in (environment or {}).items()],
        "secrets": [{"name": name, "valueFrom": reference} for name, reference in references.items()],
    }
    return {"containerDefinitions": json.dumps([container])}


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        (f"postgres://marginalia:right@{HOST}:5432/marginalia", False),
        (f"postgres://marginalia:former@{HOST}:5432/marginalia", True),
        (f"postgres://promptsvc_a:right@{HOST}:5432/marginalia", True),
        ("postgres://marginalia:former@another.example:5432/marginalia", False),
        ("not a URL", False),
        ("", False),
    ],
    ids=["its password", "a former password", "no such login", "another host", "no URL", "no value"],
)
def test_a_task_is_refused_if_the_version_that_it_reads_has_another_login_or_password(
    world: World, value: str, refused: bool
) -> None:
    put(world, types.DB_INSTANCE, "db-1", **MASTER, **{logins.PASSWORD: logins.digest("right")})
    version(world, "v1", value)
    assert logins.is_refused(world.store, task(DATABASE_URL=f"{SECRET}:::v1")) is refused


def test_a_task_without_secrets_is_not_refused(world: World) -> None:
    assert not logins.is_refused(world.store, task())


def test_the_job_creates_the_logins_of_its_secrets_and_changes_their_passwords(world: World) -> None:
    put(world, types.DB_INSTANCE, "db-1", **MASTER, **{logins.PASSWORD: logins.digest("master")})
    service = task(DATABASE_URL=f"{SECRET}:::second")
    for password in ("first", "second"):
        version(world, password, f"postgres://promptsvc_a:{password}@{HOST}:5432/marginalia")
        job = task({"OWNER": "marginalia_owner"}, LOGIN_PROMPTSVC=f"{SECRET}:::{password}")
        assert logins.is_refused(world.store, service) is (password == "second")
        assert not logins.is_refused(world.store, job)
        logins.apply(world.store, job, urn="the job", run="this update")
    [instance] = world.store.find(types.DB_INSTANCE)
    assert instance.properties[logins.LOGINS] == {
        "promptsvc_a": {logins.PASSWORD: logins.digest("second"), "urn": "the job", "run": "this update"}
    }
    assert not logins.is_refused(world.store, service)


def test_another_task_creates_no_login(world: World) -> None:
    put(world, types.DB_INSTANCE, "db-1", **MASTER)
    version(world, "v1", f"postgres://promptsvc_a:x@{HOST}:5432/marginalia")
    logins.apply(world.store, task(LOGIN_PROMPTSVC=f"{SECRET}:::v1"), urn="it", run="")
    [instance] = world.store.find(types.DB_INSTANCE)
    assert logins.LOGINS not in instance.properties


@pytest.mark.parametrize(("arn", "refused"), [(MANAGED, False), (SECRET, True)])
def test_the_master_user_has_the_password_in_the_secret_of_rds(world: World, arn: str, refused: bool) -> None:
    put(world, types.DB_INSTANCE, "db-1", **MASTER, masterUserSecrets=[{"secretArn": MANAGED}])
    url = {"DATABASE_URL": f"postgres://marginalia@{HOST}:5432/marginalia"}
    assert logins.is_refused(world.store, task(url, PGPASSWORD=f"{arn}:password::")) is refused


def alone(_: str) -> frozenset[str]:
    return frozenset()


def refusals(promptsvc: Promptsvc, applied: dict[str, Any] | None = None) -> list[str]:
    """Why a task as promptsvc_a does not start in `this update`, which depends on nothing that the update creates."""
    world = promptsvc.world
    put(world, types.DB_INSTANCE, "db-1", **MASTER, **{logins.LOGINS: {"promptsvc_a": applied} if applied else {}})
    version(world, "v1", f"postgres://promptsvc_a:x@{HOST}:5432/marginalia")
    container = promptsvc.container(secrets=[{"name": "DATABASE_URL", "valueFrom": f"{SECRET}:::v1"}])
    request = world.request(promptsvc.deploy())
    cloud = replace(request.cloud, run="this update", ancestors=alone)
    found = start.stopped_reasons(replace(request, cloud=cloud), promptsvc.task(container))
    return [each for each in found if logins.FAILED in each]


def by(run: str) -> dict[str, Any]:
    return {logins.PASSWORD: logins.digest("x"), "urn": "urn::logins-applied", "run": run}


@pytest.mark.parametrize(
    ("applied", "why"),
    [
        (None, "has no such login, or another password for it"),
        ({**by("earlier"), logins.PASSWORD: "another"}, "has no such login, or another password for it"),
        (by("this update"), "may not have this login or password yet: declare a dependency on logins-applied"),
    ],
    ids=["no login", "another password", "the job may run later"],
)
def test_a_task_does_not_start_without_its_login(
    promptsvc: Promptsvc, applied: dict[str, Any] | None, why: str
) -> None:
    assert refusals(promptsvc, applied) == [f'{logins.FAILED} "promptsvc_a": urn of db-1 {why}']


def test_a_task_starts_with_a_login_that_exists(promptsvc: Promptsvc) -> None:
    assert refusals(promptsvc, by("earlier")) == []
